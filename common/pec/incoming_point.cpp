// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/incoming_point.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/access_point.hpp"
#include "pec/anomaly.hpp"
#include "pec/dispatch.hpp"
#include "pec/message_identity.hpp"
#include "pec/refusals.hpp"
#include "pec/whose_message.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>
#include <variant>

namespace pec {

namespace {

Decision keep(std::string reason, std::string pec_id) {
  Decision decision;
  decision.reason = std::move(reason);
  decision.pec_id = std::move(pec_id);
  return decision;
}

// The log's lines about a correct receipt or notice that came in for a dispatch of ours. A virus
// detection makes no step: the non-delivery notice that follows from it does.
void note_received(Decision& decision, const Classification& found, const IncomingFacts& facts) {
  const auto& message = *found.message;
  const auto& data = message.data;
  if (!was_ours(data.sender, *facts.directory, facts.identity, facts.stamp.at))
    return;  // another's, passed on
  for (const auto& recipient : recipients_concerned(data)) {
    if (recipient.empty()) continue;  // our own acceptance, sent again: logged when it was issued
    auto event = log_event(data, message.kind, Direction::received, facts.stamp.at);
    event.recipient = mime::canonical_address(recipient);
    event.generated_id = message.message_id;
    event.identity = found.identity;
    decision.entries.events.push_back(event);
    const auto step = step_reported_by(message.kind);
    if (step && message.kind != EventKind::virus_detection)
      decision.entries.steps.push_back({data.pec_id, event.recipient, *step, facts.stamp.at});
  }
}

std::optional<Route> to_service_mailbox(EventKind kind, const SmtpEnvelope& smtp,
                                        const IncomingFacts& facts) {
  if (!is_between_providers(kind)) return std::nullopt;
  std::vector<std::string> mailboxes;
  for (const auto& recipient : smtp.recipients) {
    const auto* unit = facts.directory->provider_of_domain(mime::domain_of(recipient));
    const auto& mailbox = unit ? unit->mail_receipt : facts.identity.address;
    if (std::find(mailboxes.begin(), mailboxes.end(), mailbox) == mailboxes.end())
      mailboxes.push_back(mailbox);
  }
  if (mailboxes == smtp.recipients) return std::nullopt;
  return Route{smtp.sender, std::move(mailboxes)};
}

// The operator had the alert when the same message came first.
void count_silently(Decision& decision) {
  for (auto& name : std::exchange(decision.alerts, {})) decision.counted.push_back(std::move(name));
}

// 3.2.4: our user learns of the virus. So does an operator, since our own scanner missed it.
void tell_of_virus(Decision& decision, const PecMessage& detection, const Provider& provider,
                   const IncomingFacts& facts) {
  const auto& data = detection.data;
  decision.alerts.emplace_back("virus detection");
  decision.reason = fmt::format("{} found a virus for {}: {}", provider.name, data.concerns,
                                virus_named_in(data.error_detail));
  if (!mime::is_valid_address(data.concerns)) return;
  decision.bound_to = detection.message_id;
  decision.follow_ups.push_back({InternalEvent::virus_told, data.concerns, facts.stamp.at});
}

Decision discard(std::string reason, std::string pec_id, std::string_view counted) {
  auto decision = keep(std::move(reason), std::move(pec_id));
  decision.action = Discard{};
  decision.counted.emplace_back(counted);
  return decision;
}

Decision answer(std::variant<Keep, Replace, Discard, Refuse, TryLater> action, std::string reason) {
  Decision decision;
  decision.action = std::move(action);
  decision.reason = std::move(reason);
  return decision;
}

// An envelope, right in form or not.
bool is_envelope(const Classification& found) {
  return found.message ? found.message->kind == EventKind::transport_envelope
                       : found.envelope.has_value();
}

// Whether the mailbox takes a message that is not correct. One that a provider has signed is always
// delivered (2.2.2). If only receipts are taken, it is delivered unless it is an envelope: it may
// be a receipt. A message without a reverse path is a bounce (RFC 5321, 4.5.5).
bool takes_anomaly(Takes takes, const Classification& found, const SmtpEnvelope& smtp) {
  switch (takes) {
    case Takes::all_mail:
      return true;
    case Takes::no_ordinary_mail:
    case Takes::certified_mail:
      return found.what == IncomingClass::malformed;
    case Takes::own_receipts:
      return found.what == IncomingClass::malformed && !is_envelope(found);
    case Takes::service:
      return (found.what == IncomingClass::malformed && !is_envelope(found)) || smtp.sender.empty();
  }
  return false;
}

// Certified mail may be passed on to anybody, but it is certified only for those whom its
// certification data name. To a closed mailbox of anybody else it is ordinary mail. A take-charge
// or virus detection goes to the service mailbox, whatever its recipient.
std::vector<std::string> meant_for(const PecMessage& message, const SmtpEnvelope& smtp,
                                   const IncomingFacts& facts) {
  const auto kind = message.kind;
  if (facts.takes == Takes::all_mail || facts.takes == Takes::no_ordinary_mail ||
      is_between_providers(kind))
    return smtp.recipients;
  const bool receipts_only = facts.takes == Takes::own_receipts || facts.takes == Takes::service;
  if (receipts_only && kind == EventKind::transport_envelope) return {};
  if (facts.takes == Takes::service) return smtp.recipients;
  std::vector<std::string> meant;
  std::copy_if(smtp.recipients.begin(), smtp.recipients.end(), std::back_inserter(meant),
               [&](const std::string& each) {
                 return kind == EventKind::transport_envelope
                            ? names(message.data, each)
                            : mime::same_address(message.data.sender, each);
               });
  return meant;
}

// A receipt that comes again goes on: the journal at the mailbox drops it while it remembers it. A
// virus detection that comes again alerts no operator. The notice that follows from it is the same
// one, under the same Message-ID.
Decision take_receipt(const Classification& found, const SmtpEnvelope& smtp,
                      const IncomingFacts& facts) {
  const auto& receipt = *found.message;
  const auto about = recipients_concerned(receipt.data);
  const auto reason = fmt::format("received {}", wire_name(receipt.kind));
  const auto& seen = facts.seen;
  const bool again = seen.known_to == about || seen.long_known_to == about;  // so the log has it
  const auto meant = meant_for(receipt, smtp, facts);
  if (meant.empty()) return refuse_for(reason + ", of somebody else's message", found, smtp, facts);
  auto decision = keep(reason, receipt.data.pec_id);
  decision.counted = receipt.remarks;
  if (meant.size() != smtp.recipients.size()) decision.route = Route{smtp.sender, meant};
  if (!again || seen.under_another_id) note_received(decision, found, facts);
  if (seen.under_another_id) decision.counted.emplace_back("second receipt");
  if (auto service = to_service_mailbox(receipt.kind, smtp, facts))
    decision.route = service;
  else if (facts.takes == Takes::service && !is_between_providers(receipt.kind))
    decision.route = Route{smtp.sender, {operators_of(facts.identity)}};
  if (receipt.kind == EventKind::virus_detection)
    tell_of_virus(decision, receipt, *found.provider, facts);
  if (again) {
    count_silently(decision);
    decision.counted.emplace_back("duplicate receipt");
  }
  return decision;
}

// Some recipients have another message under this id, others don't. The others get it as it is,
// with its evidence. An operator learns of the former.
void report_other_content(Decision& decision, const mime::Message& message,
                          const Classification& found, const IncomingFacts& facts) {
  constexpr std::size_t most_kept = std::size_t{1} << 20;
  for (const auto& recipient : facts.seen.other_for) {
    Incident incident;
    incident.what = "other content";
    incident.pec_id = found.message->data.pec_id;
    incident.recipient = mime::canonical_address(recipient);
    incident.at = incident.event_at = facts.stamp.at;
    incident.detail = fmt::format("signed by {}; the recipient has another message of this id",
                                  found.provider->name);
    if (message.size() <= most_kept) incident.copy = message.wire().str();
    decision.entries.incidents.push_back(std::move(incident));
  }
  decision.alerts.emplace_back("other content");
}

// A take-charge for each recipient of this transaction that the envelope names and that does not
// have it yet. Anybody else has no evidence. If the envelope is infected, virus detections take
// their place, and the recipients themselves get nothing.
Decision take_envelope(const mime::Message& message, const Classification& found,
                       const SmtpEnvelope& smtp, const IncomingFacts& facts) {
  const auto& envelope = *found.message;
  const auto& seen = facts.seen;
  const auto meant = meant_for(envelope, smtp, facts);
  if (meant.empty())
    return refuse_for(facts.takes == Takes::certified_mail
                          ? "an envelope that does not name the recipient"
                          : "an envelope",
                      found, smtp, facts);
  if (seen.other_for.size() == smtp.recipients.size()) {
    if (facts.virus) return refuse_kept_virus(found, smtp, facts);
    auto twice = found;
    twice.flaw = IncomingFlaw::other_content;
    twice.reason =
        fmt::format("signed by {}, but {} has another message {} already", found.provider->name,
                    text::printable(seen.other_for.front()), text::printable(envelope.data.pec_id));
    return wrap_anomaly(message, twice, smtp, facts);
  }
  const auto is_in = [](const std::vector<std::string>& list, const std::string& each) {
    return std::find(list.begin(), list.end(), each) != list.end();
  };
  std::vector<std::string> onward, fresh;
  for (const auto& recipient : meant) {
    if (is_in(seen.other_for, recipient) || is_in(seen.failed_for, recipient)) continue;
    if (!is_in(seen.long_known_to, recipient)) onward.push_back(recipient);
    if (seen.is_new_to(recipient)) fresh.push_back(recipient);
  }
  if (onward.empty() || (fresh.empty() && facts.virus))
    return discard(seen.failed_for.empty() ? "envelope, known for long"
                                           : "envelope, whose failure the sender knows",
                   envelope.data.pec_id, "duplicate envelope");

  auto decision = keep("envelope", envelope.data.pec_id);
  decision.bound_to = envelope.message_id;
  decision.counted = envelope.remarks;
  if (!seen.known_to.empty() || !seen.long_known_to.empty() || !seen.failed_for.empty()) {
    decision.reason =
        fmt::format("envelope, new to {} of {} recipients", fresh.size(), smtp.recipients.size());
    decision.counted.emplace_back("duplicate envelope");
  }
  if (!seen.other_for.empty()) report_other_content(decision, message, found, facts);
  const auto event = facts.virus ? InternalEvent::virus_found : InternalEvent::take_charge;
  for (const auto& recipient : fresh)
    if (names(envelope.data, recipient) &&
        was_ours(recipient, *facts.directory, facts.identity, facts.stamp.at))
      decision.follow_ups.push_back({event, recipient, facts.stamp.at});
    else
      decision.counted.emplace_back("envelope for a recipient that it does not name");
  if (onward.size() != smtp.recipients.size()) decision.route = Route{smtp.sender, onward};
  if (!facts.virus) return decision;

  decision.reason = "virus in an envelope: " + *facts.virus;
  decision.alerts.emplace_back("virus in an envelope");
  decision.route = Route{smtp.sender, {}};
  if (decision.follow_ups.empty()) {  // a copy for nobody whom the envelope names
    decision.action = Discard{};
    count_silently(decision);
  }
  return decision;
}

// An envelope that is wrong in form and has a virus (2.2.2). The signer's service mailbox still
// gets the virus detection, if the message is the signer's to speak of (3.2.3: the signature tells
// the origin).
Decision infected_envelope(const mime::Message& message, const Classification& found,
                           const CertificationData& data, const SmtpEnvelope& smtp,
                           const IncomingFacts& facts) {
  if (!why_not_its_own(data, *found.provider, *facts.directory, facts.identity.provider,
                       facts.stamp.at)
           .empty())
    return refuse_kept_virus(found, smtp, facts);
  const auto& known = facts.anomaly_known_to;
  Decision decision = keep("virus in a malformed envelope: " + *facts.virus, data.pec_id);
  decision.bound_to = bare_message_id(message.header);
  decision.alerts.emplace_back("virus in a malformed envelope");
  bool named = false;
  for (const auto& recipient : smtp.recipients) {
    if (!names(data, recipient) ||
        !was_ours(recipient, *facts.directory, facts.identity, facts.stamp.at))
      continue;
    named = true;
    if (std::find(known.begin(), known.end(), recipient) == known.end())
      decision.follow_ups.push_back({InternalEvent::virus_found, recipient, facts.stamp.at});
  }
  if (!named) return refuse_kept_virus(found, smtp, facts);
  if (decision.follow_ups.empty())
    return discard("infected envelope, known", data.pec_id, "duplicate envelope");
  decision.route = Route{smtp.sender, {}};
  return decision;
}

Decision take_anomaly(const mime::Message& message, const Classification& found,
                      const SmtpEnvelope& smtp, const IncomingFacts& facts) {
  if (!takes_anomaly(facts.takes, found, smtp)) return refuse_for(found.reason, found, smtp, facts);
  auto decision = wrap_anomaly(message, found, smtp, facts);
  if (!std::holds_alternative<Replace>(decision.action)) return decision;
  if (found.message && found.flaw != IncomingFlaw::foreign_message) {
    auto receipt = found;
    receipt.identity.clear();                 // it names the malformed message, not the receipt
    note_received(decision, receipt, facts);  // the ledger lets it change nothing (belief.hpp)
  }
  if (facts.takes == Takes::service)
    decision.route = Route{smtp.sender, {operators_of(facts.identity)}};
  return decision;
}

}  // namespace

bool to_be_scanned(const Classification& found, const SmtpEnvelope& smtp, Takes takes,
                   const SeenBefore& seen) {
  if (found.what == IncomingClass::ordinary) return takes_anomaly(takes, found, smtp);
  if (found.what != IncomingClass::correct) return found.what != IncomingClass::undecided;
  if (found.message->kind != EventKind::transport_envelope) return false;
  return std::any_of(smtp.recipients.begin(), smtp.recipients.end(),
                     [&](const std::string& each) { return seen.is_new_to(each); }) ||
         !seen.other_for.empty();
}

namespace {

Decision decide(const mime::Message& message, const Classification& found, const SmtpEnvelope& smtp,
                const IncomingFacts& facts) {
  switch (found.what) {
    case IncomingClass::correct:
      return found.message->kind == EventKind::transport_envelope
                 ? take_envelope(message, found, smtp, facts)
                 : take_receipt(found, smtp, facts);
    case IncomingClass::malformed:
      if (facts.virus && found.envelope)
        return infected_envelope(message, found, *found.envelope, smtp, facts);
      if (facts.virus) return refuse_kept_virus(found, smtp, facts);
      return take_anomaly(message, found, smtp, facts);
    case IncomingClass::ordinary:
      if (facts.virus) return refuse_ordinary_virus(found, *facts.virus);
      return take_anomaly(message, found, smtp, facts);
    case IncomingClass::undecided:
      break;
  }
  return answer(
      TryLater{"4.7.5", "The message's signature can't be verified now", ErrorSource::revocation},
      found.reason);
}

}  // namespace

Decision decide_incoming(const mime::Message& message, const Classification& found,
                         const SmtpEnvelope& smtp, const IncomingFacts& facts) {
  auto decision = decide(message, found, smtp, facts);
  // Mail between providers travels over TLS (RFC 6109, 5.3). If it did not, operators should know,
  // but the mail must not be lost.
  if (found.provider && !facts.over_tls) decision.alerts.emplace_back("certified mail without TLS");
  if (found.what == IncomingClass::ordinary && !facts.unknown_room.empty()) {
    decision.reason += "; " + facts.unknown_room;
    decision.alerts.emplace_back("room of a mailbox not known");
  }
  return decision;
}

}  // namespace pec

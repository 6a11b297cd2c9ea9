// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/receipts.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/access_point.hpp"
#include "pec/brief.hpp"
#include "pec/message_identity.hpp"
#include "pec/receipt_types.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

namespace {

using Source = ReceiptType::Source;

tl::unexpected<Error> refuse(std::string why) {
  return fail(Fault::rejected, "no receipt can be made of this message", std::move(why));
}

// The delivery point names the time of a delivery, and can name any. Clocks are within a second of
// UTC (RFC 6109, 4.1). A disturbed clock may be wrong by up to a minute.
constexpr std::chrono::seconds clock_skew{60};

// A copy with a time in the future waits for that time: our clock may be the wrong one. Nothing is
// delivered before it was sent, so an earlier time is raised to that one, and no clock costs a
// receipt. If the message's own time is in the future, its clock is wrong, and sets no bound.
Result<Instant> time_of_delivery(Instant named, const CertificationData& data, Instant now) {
  if (named > now + clock_skew)
    return unavailable("the delivery point names a time of delivery that is yet to come");
  const auto sent = instant_of(data.date, data.time, data.zone);
  return sent && *sent <= now + clock_skew ? std::max(named, *sent) : named;
}

// Evidence is made only of what the copy itself proves. It may prove less than when the internal
// recipient was made (a provider left the directory, the copy is damaged). Then something is wrong
// with us: the copy waits in the queue, where an operator sees it.
Result<void> check_grounds(const Classification& found,
                           const std::vector<InternalRecipient>& internals,
                           const ReceiptFacts& facts) {
  if (found.what == IncomingClass::undecided)
    return unavailable(found.reason, ErrorSource::revocation);
  const auto event = internals.front().event;
  const auto source = type_of(event).source;
  if (source == Source::message_log)
    return internal_error("a notice is not made of a copy of an envelope");
  if (source == Source::none)
    return internal_error("no receipt is made of an anomaly envelope, or of a receipt");
  const auto expected = source == Source::virus_detection ? EventKind::virus_detection
                                                          : EventKind::transport_envelope;
  const bool correct = found.what == IncomingClass::correct && found.message->kind == expected;
  const bool infected_all_the_same = event == InternalEvent::virus_found && found.envelope;
  if (!correct && !infected_all_the_same)
    return internal_error(
        fmt::format("the copy is not a correct {}: {}", wire_name(expected), found.reason));
  for (const auto& internal : internals)
    if (internal.event != event || internal.at != internals.front().at)
      return internal_error("internal recipients of different events in one copy");
  if (event == InternalEvent::acceptance &&
      !text::equals_ignoring_case(found.provider->name, facts.identity.provider))
    return internal_error("an acceptance is made of our own envelopes only");
  if (event == InternalEvent::virus_found && !facts.virus)
    return internal_error("the scanner does not find the virus again");
  return {};
}

// The recipients that the receipt is about, each checked against the certified data.
Result<std::vector<std::string>> subjects(const CertificationData& data,
                                          const std::vector<InternalRecipient>& internals,
                                          const ReceiptFacts& facts) {
  std::vector<std::string> all;
  for (const auto& internal : internals) {
    const auto& recipient = internal.recipient;
    if (internal.event == InternalEvent::acceptance) {
      if (!mime::same_address(recipient, data.sender))
        return refuse("the acceptance is not for the envelope's sender");
    } else if (internal.event == InternalEvent::virus_told) {
      if (!mime::same_address(recipient, data.concerns))
        return refuse("the virus detection is about another recipient");
      if (!was_ours(data.sender, *facts.directory, facts.identity, internal.at))
        return refuse("the virus detection is about somebody else's message");
    } else if (!names(data, recipient)) {
      return refuse(
          fmt::format("{} is not a recipient of the envelope", text::printable(recipient)));
    } else if (!was_ours(recipient, *facts.directory, facts.identity, internal.at)) {
      return refuse(fmt::format("{} is not ours", text::printable(recipient)));
    }
    all.push_back(recipient);
  }
  return all;
}

// The unit that manages the sender's domain has its own service mailbox. If units share a
// certificate, the signer's entry is that of the whole provider.
std::string service_mailbox_for(const CertificationData& data, const Provider& signer,
                                const DirectorySnapshot& directory) {
  const auto* unit = directory.provider_of_domain(mime::domain_of(data.sender));
  return unit && text::equals_ignoring_case(unit->name, signer.name) ? unit->mail_receipt
                                                                     : signer.mail_receipt;
}

LedgerEvent event_about(const ReceiptPlan& plan, EventKind kind, std::string recipient,
                        std::string generated_id) {
  auto event = log_event(plan.data, kind, Direction::issued, plan.at);
  event.recipient = std::move(recipient);
  event.generated_id = std::move(generated_id);
  return event;
}

// An acceptance has the log's lines for the envelope and itself, and a dispatch for each certified
// recipient. Any other receipt has a line for each recipient, and the step if the dispatch is ours.
// A take-charge or virus detection also logs that the envelope came, if it came from outside.
LedgerEntries entries_for(const ReceiptPlan& plan, const ReceiptFacts& facts) {
  const auto& data = plan.data;
  const auto& type = type_of(plan.event);
  LedgerEntries entries;
  if (plan.event == InternalEvent::acceptance) {
    entries.events.push_back(event_about(plan, EventKind::transport_envelope, "", data.pec_id));
    entries.events.back().identity = plan.identity;
    entries.events.push_back(
        event_about(plan, EventKind::acceptance, "", plan.proposed.message_id));
    for (const auto& [address, certified] : data.recipients)
      if (certified)
        entries.steps.push_back({data.pec_id, mime::canonical_address(address),
                                 DispatchStep::Step::accepted, plan.at, true});
    return entries;
  }
  const bool sent_by_us = was_ours(data.sender, *facts.directory, facts.identity, plan.at);
  const bool came_in =
      plan.event == InternalEvent::take_charge || plan.event == InternalEvent::virus_found;
  for (const auto& recipient : plan.key.recipients) {
    if (came_in && !sent_by_us) {
      auto came = log_event(data, EventKind::transport_envelope, Direction::received, plan.at);
      came.recipient = recipient;
      came.generated_id = data.pec_id;
      came.identity = plan.identity;
      entries.events.push_back(std::move(came));
    }
    auto event = event_about(plan, plan.key.kind, recipient, plan.proposed.message_id);
    if (type.source == Source::envelope) event.identity = plan.identity;
    if (plan.failure) {
      event.error = wire_name(plan.failure->error);
      event.detail = plan.failure->detail;
    }
    entries.events.push_back(std::move(event));
    if (sent_by_us && certifies(data, recipient))
      entries.steps.push_back({data.pec_id, recipient, type.step, plan.at, true});
  }
  return entries;
}

void blame(ReceiptPlan& plan, const std::string& virus, const Identity& us) {
  plan.failure = certify_virus(virus, us.provider);
  plan.description = virus;
}

// The fields that follow from the rest of a plan.
void complete(ReceiptPlan& plan, const ReceiptFacts& facts) {
  plan.us = facts.identity;
  plan.key.pec_id = plan.data.pec_id;
  plan.key.kind = type_of(plan.event).kind;
  if (plan.event == InternalEvent::acceptance)
    plan.key.recipients = {""};  // it is about the message as a whole
  else
    for (const auto& recipient : plan.recipients)
      plan.key.recipients.push_back(mime::canonical_address(recipient));
  plan.proposed = {
      fmt::format("{}@{}", receipt_name(plan.key, *facts.host_group), facts.identity.domain),
      plan.at};
  plan.entries = entries_for(plan, facts);
}

// As the certification data write the address; empty if they don't name it.
std::string as_certified(const std::string& recipient, const CertificationData& data) {
  for (const auto& each : data.recipients)
    if (mime::same_address(each.address, recipient)) return each.address;
  return {};
}

// Timeouts concern certified recipients of our messages. Our messages may also fail on their way to
// an ordinary recipient. Another provider's message can fail only at a mailbox of ours.
Result<void> check_concern(const InternalRecipient& notice, const CertificationData& data,
                           const ReceiptFacts& facts) {
  const auto refuse_for = [&](std::string_view why) {
    return refuse(fmt::format("{} {}", text::printable(notice.recipient), why));
  };
  if (as_certified(notice.recipient, data).empty())
    return refuse_for("is not a recipient of the message");
  const bool sent_by_us = was_ours(data.sender, *facts.directory, facts.identity, notice.at);
  if (notice.event != InternalEvent::non_delivery && !sent_by_us)
    return refuse("the message is not one of ours");
  if (sent_by_us && notice.event == InternalEvent::non_delivery) return {};
  if (sent_by_us && !certifies(data, notice.recipient))
    return refuse_for("is not a certified recipient");
  if (!sent_by_us && !was_ours(notice.recipient, *facts.directory, facts.identity, notice.at))
    return refuse_for("is not ours");
  return {};
}

CertificationData data_of_receipt(const ReceiptPlan& plan, const Stamp& stamp, const Identity& us) {
  auto data = plan.data;
  data.kind = plan.key.kind;
  data.provider = us.provider;
  data.date = stamp.date;
  data.time = stamp.time;
  data.zone = stamp.offset;
  if (plan.event == InternalEvent::delivery) {
    data.concerns = plan.recipients.front();
    if (!data.receipt_form) data.receipt_form = ReceiptForm::complete;
  } else {
    data.receipt_form.reset();
  }
  if (plan.event == InternalEvent::take_charge) data.taken_in_charge = plan.recipients;
  if (plan.failure) {
    data.concerns = plan.recipients.front();
    data.error = plan.failure->error;
    data.error_detail = plan.failure->detail;
  }
  return data;
}

Letter delivery_letter(ReceiptForm form) {
  switch (form) {
    case ReceiptForm::complete:
      return Letter::delivery_complete;
    case ReceiptForm::brief:
      return Letter::delivery_brief;
    case ReceiptForm::concise:
      return Letter::delivery_concise;
  }
  throw std::logic_error("receipt form without a letter");
}

std::optional<mime::Rope> embedded_original(const mime::Bytes& original, ReceiptForm form) {
  if (form == ReceiptForm::concise) return std::nullopt;
  if (form == ReceiptForm::brief) return brief_original(original);
  mime::Rope whole;
  whole.append(original);
  return whole;
}

}  // namespace

bool owes_nothing(const InternalRecipient& internal, const Classification& found) {
  return internal.event == InternalEvent::delivery && found.what == IncomingClass::correct &&
         found.message->kind == EventKind::transport_envelope &&
         !names(found.message->data, internal.recipient);
}

bool owes_nothing(const InternalRecipient& internal, const LedgerEvent& envelope) {
  return internal.event == InternalEvent::non_delivery &&
         as_certified(internal.recipient, certification_of(envelope)).empty();
}

ReceiptForm form_for_recipient(ReceiptForm requested, const mime::HeaderList& envelope_header,
                               std::string_view recipient) {
  const auto is_in = [&](std::string_view name) {
    for (const auto* field : envelope_header.find_all(name))
      for (const auto& each : mime::parse_addresses(field->value))
        if (mime::same_address(each.address, recipient)) return true;
    return false;
  };
  return !is_in("To") && is_in("Cc") ? ReceiptForm::concise : requested;
}

Result<ReceiptPlan> plan_receipt(const Classification& found,
                                 const std::vector<InternalRecipient>& internals,
                                 const ReceiptFacts& facts) {
  if (internals.empty()) return refuse("a copy without internal recipients");
  PEC_TRY_VOID(check_grounds(found, internals, facts));
  const auto& data = found.message ? found.message->data : *found.envelope;
  auto recipients = subjects(data, internals, facts);
  if (!recipients) return tl::unexpected(recipients.error());
  if (internals.front().event != InternalEvent::take_charge && recipients->size() != 1)
    return refuse("only a take-charge is for several recipients");

  ReceiptPlan plan;
  plan.event = internals.front().event;
  plan.at = internals.front().at;
  if (plan.event == InternalEvent::delivery) {
    const auto at = time_of_delivery(plan.at, data, facts.now);
    if (!at) return tl::unexpected(at.error());
    plan.at = *at;
  }
  plan.data = data;
  plan.identity = found.identity;
  if (found.message) plan.original = found.message->original;
  if (plan.original) plan.original_header = mime::split_message(*plan.original).header;
  plan.recipients = std::move(*recipients);
  if (plan.event == InternalEvent::virus_found) blame(plan, *facts.virus, facts.identity);
  if (plan.event == InternalEvent::virus_told)
    blame(plan, virus_named_in(plan.data.error_detail), facts.identity);
  plan.to = type_of(plan.event).to == ReceiptType::To::service_mailbox
                ? service_mailbox_for(plan.data, *found.provider, *facts.directory)
                : plan.data.sender;
  complete(plan, facts);
  return plan;
}

Result<ReceiptPlan> plan_notice(const InternalRecipient& notice, const LedgerEvent& envelope,
                                const CertifiedFailure& failure, const ReceiptFacts& facts) {
  ReceiptPlan plan;
  plan.event = notice.event;
  plan.at = notice.at;
  plan.data = certification_of(envelope);
  PEC_TRY_VOID(check_concern(notice, plan.data, facts));
  plan.recipients = {as_certified(notice.recipient, plan.data)};
  plan.failure = failure;
  plan.description = failure.detail;
  plan.to = plan.data.sender;
  complete(plan, facts);
  return plan;
}

Decision make_receipt(const ReceiptPlan& plan, const ReceiptIdentity& identity,
                      const Stamp& stamp) {
  const auto& us = plan.us;
  ReceiptContents contents;
  contents.data = data_of_receipt(plan, stamp, us);
  contents.stamp = stamp;
  contents.message_id = identity.message_id;
  contents.to = plan.to;
  contents.description = plan.description;
  if (const auto letter = type_of(plan.event).letter) {
    contents.letter = *letter;
  } else {
    const auto form = form_for_recipient(*contents.data.receipt_form, plan.original_header,
                                         contents.data.concerns);
    contents.letter = delivery_letter(form);
    contents.original = embedded_original(*plan.original, form);
  }

  Decision decision;
  decision.action = Replace{compose_receipt(contents, us)};
  decision.route = Route{us.address, {plan.to}};
  decision.reason = wire_name(plan.key.kind);
  decision.pec_id = plan.key.pec_id;
  return decision;
}

Decision give_up(const InternalRecipient& internal, const std::string& pec_id, std::string why,
                 Instant now) {
  Decision decision;
  decision.action = Discard{};
  decision.reason = why;
  decision.pec_id = pec_id;
  decision.alerts.emplace_back("receipt that can't be made");
  decision.entries.incidents.push_back({incident_name(internal), pec_id, internal.recipient, now,
                                        internal.at, std::move(why), "", std::nullopt});
  return decision;
}

Decision owing_nothing(std::string_view what, std::string_view recipient, std::string pec_id) {
  Decision decision;
  decision.action = Discard{};
  decision.pec_id = std::move(pec_id);
  decision.reason = fmt::format("nobody is owed anything: {} is not a recipient of the envelope",
                                text::printable(recipient));
  decision.counted.push_back(
      fmt::format("{} to a recipient that the envelope does not name", what));
  return decision;
}

Decision not_issued(const ReceiptPlan& plan, const std::vector<std::string>& told) {
  Decision decision;
  decision.action = Discard{};
  decision.pec_id = plan.key.pec_id;
  if (!told.empty()) {
    decision.reason = fmt::format("no {}: another one covers the same recipients already",
                                  wire_name(plan.key.kind));
    return decision;
  }
  decision.reason = fmt::format(
      "no {}: the dispatch has ended otherwise, or went on, or the id is another message's",
      wire_name(plan.key.kind));
  // A timeout is often overtaken. A failure after another end is unusual.
  if (!type_of(plan.event).timeout) decision.alerts.emplace_back("receipt that was overtaken");
  return decision;
}

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/anomaly.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/filter_mark.hpp"
#include "pec/frame.hpp"
#include "pec/message_identity.hpp"
#include "pec/original_fields.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace pec {

namespace {

// The author: the first valid address of From, or else the reverse path; empty if neither is valid.
std::string sender_of(const OriginalFields& fields, const SmtpEnvelope& smtp) {
  for (const auto& each : fields.from)
    if (mime::is_valid_address(each.address)) return each.address;
  return mime::is_valid_address(smtp.sender) ? smtp.sender : std::string();
}

// The addresses that the text lists: To and Cc. A recipient in neither is hidden, and the others
// must not see it. If it is the only one of the transaction, there are no others.
std::vector<std::string> addressees_of(const OriginalFields& fields, const SmtpEnvelope& smtp) {
  std::vector<std::string> all;
  std::set<std::string> listed;
  const auto list = [&](const std::string& address) {
    if (!address.empty() && listed.insert(mime::canonical_address(address)).second)
      all.push_back(address);
  };
  for (const auto* field : {&fields.to, &fields.cc})
    for (const auto& each : *field) list(each.address);
  if (smtp.recipients.size() == 1) list(smtp.recipients.front());
  return all;
}

// The address of ours that ordinary mail from another host bears in From or as its reverse path,
// without proof that it may; empty: none.
std::string borrowed_address(const OriginalFields& fields, const SmtpEnvelope& smtp,
                             const Classification& found, const IncomingFacts& facts) {
  if (found.what != IncomingClass::ordinary) return {};
  if (facts.sender_check.value_or(SenderCheck::pass) == SenderCheck::pass) return {};
  auto claimed = fields.from;
  claimed.push_back({"", smtp.sender});
  for (const auto& [name, address] : claimed) {
    if (!mime::is_valid_address(address)) continue;
    const auto* provider = facts.directory->provider_of_domain(mime::domain_of(address));
    if (provider && text::equals_ignoring_case(provider->name, facts.identity.provider))
      return address;
  }
  return {};
}

// The log's line about an anomaly envelope of ours. The lines about its recipients differ from it
// in a few fields only.
struct LineFacts {
  const std::string& id;
  const std::string& sender;  // reverse path
  const Identity& identity;
  const DirectorySnapshot& directory;
  Instant at;
};
LedgerEvent line_about(const mime::HeaderList& arrived, const std::string& subject,
                       const std::vector<std::string>& recipients, const LineFacts& facts) {
  LedgerEvent event;
  event.pec_id = facts.id;
  event.kind = EventKind::anomaly_envelope;
  event.direction = Direction::issued;
  event.at = facts.at;
  event.msgid = client_message_id(arrived);
  event.sender = facts.sender;
  std::vector<Recipient> parties;
  for (const auto& recipient : recipients)
    parties.push_back(
        {recipient, facts.directory.provider_of_domain(mime::domain_of(recipient)) != nullptr});
  event.recipients = std::move(parties);
  event.subject = subject;
  event.provider = facts.identity.provider;
  event.error = wire_name(CertifiedError::other);
  return event;
}

// A provider says what is not its to say, or two things of one message. Each message and recipient
// has one incident, however often the message comes.
void report(Decision& decision, const Classification& found,
            const std::vector<std::string>& recipients, const IncomingFacts& facts) {
  const std::string what =
      found.flaw == IncomingFlaw::other_content ? "other content" : "foreign message";
  for (const auto& recipient : recipients) {
    Incident incident;
    incident.what = what;
    incident.pec_id = found.message ? found.message->data.pec_id : std::string();
    incident.recipient = mime::canonical_address(recipient);
    incident.at = incident.event_at = facts.stamp.at;
    incident.detail = found.reason;
    decision.entries.incidents.push_back(std::move(incident));
  }
  decision.alerts.push_back(what);
}

// The message in an anomaly envelope. `identity`: of the part of it that a provider has signed.
struct Wrapped {
  mime::Message message;
  std::string identity;
};
std::optional<Wrapped> unwrap(const mime::Message& envelope) {
  const auto outer = read_frame(envelope);
  if (!outer) return std::nullopt;
  for (const auto& part : outer->signed_part.children) {
    if (part.content_type.value != "message/rfc822") continue;
    auto message =
        mime::split_message(envelope.body.sub(part.content_begin, part.end - part.content_begin));
    const auto inner = read_frame(message);
    if (!inner) return std::nullopt;
    auto identity = envelope_identity(inner->content);
    return Wrapped{std::move(message), std::move(identity)};
  }
  return std::nullopt;
}

}  // namespace

Decision wrap_anomaly(const mime::Message& message, const Classification& found,
                      const SmtpEnvelope& smtp, const IncomingFacts& facts) {
  Decision decision;
  if (message.header.size() > most_fields) {
    decision.action = too_many_fields();
    decision.reason = "too many header fields: " + found.reason;
    return decision;
  }
  const auto fields = read_original(message.header);
  AnomalyContents contents;
  contents.stamp = facts.stamp;
  contents.id = fmt::format("{}@{}", facts.new_id, facts.identity.domain);
  contents.sender = sender_of(fields, smtp);
  contents.addressees = addressees_of(fields, smtp);
  contents.subject = fields.subject;
  contents.description = description_of(found.flaw, !fields.oversized.empty());
  // Mail that a provider has signed is never filed or discarded as spam (2.2.2).
  if (found.what == IncomingClass::ordinary) contents.spam = facts.spam;
  if (const auto ours = borrowed_address(fields, smtp, found, facts); !ours.empty()) {
    contents.description += "\n" + words_on_borrowed_address(ours);
    if (facts.sender_check == SenderCheck::fail)
      contents.spam = std::max(contents.spam, SpamLevel::suspected);
  }
  decision.pec_id = contents.id;

  std::vector<std::string> onward;  // recipients who don't have it yet
  const auto& known = facts.anomaly_known_to;
  std::copy_if(smtp.recipients.begin(), smtp.recipients.end(), std::back_inserter(onward),
               [&](const std::string& each) {
                 return std::find(known.begin(), known.end(), each) == known.end();
               });
  if (onward.empty() && !known.empty()) {
    decision.action = Discard{};
    decision.reason = "anomaly, known: " + found.reason;
    decision.counted.emplace_back("duplicate anomaly");
    return decision;
  }
  decision.reason = "anomaly: " + found.reason;
  if (found.flaw == IncomingFlaw::foreign_message || found.flaw == IncomingFlaw::other_content)
    report(decision, found, onward, facts);
  if (const auto level = wire_name(contents.spam); !level.empty())
    decision.reason += fmt::format(", spam filter: {}", level);
  if (onward.size() != smtp.recipients.size()) decision.route = Route{smtp.sender, onward};
  if (found.what != IncomingClass::ordinary) {
    decision.bound_to = found.identity;
    for (const auto& recipient : onward)
      decision.follow_ups.push_back({InternalEvent::anomaly_kept, recipient, facts.stamp.at});
  }
  decision.entries.events.push_back(
      line_about(message.header, contents.subject, onward,
                 {contents.id, smtp.sender, facts.identity, *facts.directory, facts.stamp.at}));
  decision.entries.events.back().detail = found.reason;
  decision.action = Replace{compose_anomaly_envelope(message, contents, facts.identity)};
  return decision;
}

std::string identity_in_anomaly(const mime::Message& envelope) {
  const auto wrapped = unwrap(envelope);
  return wrapped ? wrapped->identity : std::string();
}

Result<LedgerEntries> kept_anomaly(const mime::Message& envelope, const std::string& sender,
                                   const std::vector<InternalRecipient>& internals,
                                   const KeptAnomalyFacts& facts) {
  const auto wrapped = unwrap(envelope);
  if (!wrapped)
    return fail(Fault::rejected, "not an anomaly envelope of this system",
                "no provider's message is in the anomaly envelope");
  const auto id = fmt::format("{}@{}", anomaly_name(wrapped->identity, *facts.host_group),
                              facts.identity.domain);
  std::vector<std::string> recipients;
  for (const auto& internal : internals) recipients.push_back(internal.recipient);
  const auto line =
      line_about(wrapped->message.header, read_original(wrapped->message.header).subject,
                 recipients, {id, sender, facts.identity, *facts.directory, internals.front().at});
  LedgerEntries entries;
  for (const auto& recipient : recipients) {
    auto kept = line;
    kept.direction = Direction::received;
    kept.recipient = mime::canonical_address(recipient);
    kept.identity = wrapped->identity;
    entries.events.push_back(std::move(kept));
  }
  return entries;
}

}  // namespace pec

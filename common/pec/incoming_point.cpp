#include "pec/incoming_point.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/access_point.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

namespace {

Classification ordinary(std::string reason) {
  return {IncomingClass::ordinary, std::move(reason), std::nullopt, nullptr};
}

// A provider's units are one provider: they may share a certificate (RFC 6109, 4.5.7).
bool manages(const Provider& provider, std::string_view address,
             const DirectorySnapshot& directory) {
  const auto* manager = directory.provider_of_domain(mime::domain_of(address));
  return manager && manager->name == provider.name;
}

// The From address is the certificate's own, or in a domain of that provider: a provider's
// signature is good for that provider's messages only.
bool may_sign(const Provider& provider, const SignatureCheck& check,
              const DirectorySnapshot& directory, const mime::HeaderList& header) {
  const auto fields = header.find_all("From");
  if (fields.size() != 1) return false;
  const auto from = mime::parse_addresses(fields.front()->value);
  if (from.size() != 1) return false;
  const auto& address = from.front().address;
  const bool in_certificate =
      std::any_of(check.addresses.begin(), check.addresses.end(),
                  [&](const std::string& each) { return mime::same_address(each, address); });
  return in_certificate || manages(provider, address, directory);
}

bool is_certified_recipient(const CertificationData& data, std::string_view address) {
  return std::any_of(data.recipients.begin(), data.recipients.end(), [&](const Recipient& each) {
    return each.certified && mime::same_address(each.address, address);
  });
}

Decision keep(std::string reason) {
  Decision decision;
  decision.reason = std::move(reason);
  return decision;
}

// Take-charge for each recipient of this transaction that the envelope certifies; for anybody else
// (there should be nobody) no evidence is made.
Decision take_envelope(const PecMessage& envelope, const std::vector<std::string>& recipients,
                       const IncomingFacts& facts) {
  auto decision = keep("envelope");
  decision.pec_id = envelope.data.pec_id;
  for (const auto& recipient : recipients)
    if (is_certified_recipient(envelope.data, recipient))
      decision.follow_ups.push_back({InternalEvent::take_charge, recipient, facts.stamp.at});
  return decision;
}

std::optional<DispatchStep::Step> step_of(EventKind kind) {
  switch (kind) {
    case EventKind::take_charge:
      return DispatchStep::Step::taken_in_charge;
    case EventKind::delivery:
      return DispatchStep::Step::delivered;
    case EventKind::non_delivery:
      return DispatchStep::Step::failed;
    default:
      return std::nullopt;
  }
}

// The log's lines about a correct receipt or notice that came in for a dispatch of ours.
LedgerEntries entries_for_received(const PecMessage& message, const Provider& provider,
                                   const IncomingFacts& facts) {
  const auto& data = message.data;
  LedgerEntries entries;
  if (!is_ours(data.sender, *facts.directory, facts.identity)) return entries;

  auto about = data.taken_in_charge;
  if (!data.delivery.empty()) about.push_back(data.delivery);
  for (const auto& recipient : about) {
    // A provider speaks for its own mailboxes only.
    if (!manages(provider, recipient, *facts.directory)) continue;
    auto event = log_event(data, message.kind, Direction::received, facts.stamp.at);
    event.recipient = mime::canonical_address(recipient);
    event.generated_id = message.message_id;
    entries.events.push_back(event);
    if (const auto step = step_of(message.kind))
      entries.steps.push_back({data.pec_id, event.recipient, *step, facts.stamp.at});
  }
  return entries;
}

}  // namespace

Classification classify(const mime::Message& message, const Result<SignedParts>& parts,
                        const SignatureCheck& check, const DirectorySnapshot& directory) {
  using Outcome = SignatureCheck::Outcome;
  if (!parts) return ordinary("no signature: " + parts.error().detail);
  if (check.outcome == Outcome::unreadable || check.outcome == Outcome::damaged)
    return ordinary(check.reason);

  const auto* provider = directory.provider_of_certificate(check.certificate);
  if (!provider) return ordinary("the signer's certificate is no provider's");
  if (check.outcome == Outcome::undetermined)
    return {IncomingClass::undecided, check.reason, std::nullopt, provider};
  if (check.outcome != Outcome::valid) return ordinary(check.reason);
  if (!may_sign(*provider, check, directory, message.header))
    return ordinary(fmt::format("the From address is not one of the signer, {}", provider->name));

  auto read = read_pec_message(message, *parts);
  if (!read) return {IncomingClass::malformed, read.error().detail, std::nullopt, provider};
  return {IncomingClass::correct, {}, std::move(*read), provider};
}

Decision decide_incoming(const Classification& found, const std::vector<std::string>& recipients,
                         const IncomingFacts& facts) {
  if (found.what == IncomingClass::correct && found.message->kind == EventKind::transport_envelope)
    return take_envelope(*found.message, recipients, facts);

  if (found.what == IncomingClass::correct) {
    auto decision = keep(fmt::format("received {}", wire_name(found.message->kind)));
    decision.pec_id = found.message->data.pec_id;
    decision.entries = entries_for_received(*found.message, *found.provider, facts);
    return decision;
  }

  Decision decision;
  decision.reason = found.reason;
  decision.action =
      found.what == IncomingClass::undecided
          ? TryLater{"4.7.5", "The message's signature can't be verified now"}
          : TryLater{"4.7.0",
                     "The message is no correct certified mail and can't be delivered yet"};
  return decision;
}

}  // namespace pec

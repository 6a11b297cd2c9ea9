// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/classification.hpp"

#include "mime/address.hpp"
#include "pec/message_identity.hpp"
#include "pec/pec_fields.hpp"
#include "pec/whose_message.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

namespace {

Classification ordinary(IncomingFlaw flaw, std::string reason) {
  return {IncomingClass::ordinary, flaw, std::move(reason), std::nullopt, nullptr};
}

Classification malformed(IncomingFlaw flaw, const Provider& provider, const SignedParts& parts,
                         std::string_view why) {
  return {IncomingClass::malformed,
          flaw,
          fmt::format("signed by {}, but {}", provider.name, why),
          std::nullopt,
          &provider,
          envelope_identity(parts.content)};
}

std::string identity_of(const PecMessage& message, const SignedParts& parts,
                        const SignatureCheck& check) {
  if (message.kind == EventKind::transport_envelope) return envelope_identity(parts.content);
  return receipt_identity(message.data, check.addresses.empty() ? "" : check.addresses.front());
}

// A provider's units are one provider: they may share a certificate (RFC 6109, 4.5.7).
bool manages(const Provider& provider, std::string_view address, const DirectorySnapshot& directory,
             Instant at) {
  return directory.speaks_for(provider.name, mime::domain_of(address), at);
}

// The From address is the certificate's own, or in a domain of that provider. A provider's
// signature is good for that provider's messages only.
bool may_sign(const Provider& provider, const SignatureCheck& check,
              const DirectorySnapshot& directory, const mime::HeaderList& header, Instant at) {
  const auto fields = header.find_all("From");
  if (fields.size() != 1) return false;
  const auto from = mime::parse_addresses(fields.front()->value);
  if (from.size() != 1) return false;
  const auto& address = from.front().address;
  const bool in_certificate =
      std::any_of(check.addresses.begin(), check.addresses.end(),
                  [&](const std::string& each) { return mime::same_address(each, address); });
  return in_certificate || manages(provider, address, directory, at);
}

}  // namespace

Classification disbelieved(Classification found, const mime::Message& message, IncomingFlaw flaw,
                           std::string_view why) {
  found.what = IncomingClass::malformed;
  found.flaw = flaw;
  found.reason = fmt::format("signed by {}, but {}", found.provider->name, why);
  if (const auto parts = read_frame(message)) found.identity = envelope_identity(parts->content);
  return found;
}

std::optional<Instant> taken_in_charge_at(const SignedParts& parts,
                                          const std::vector<LoggedMessage>& logged) {
  const auto identity = envelope_identity(parts.content);
  std::optional<Instant> first;
  for (const auto& line : logged)
    if (line.identity == identity && (!first || line.at < *first)) first = line.at;
  return first;
}

SignatureCheck as_believed_before(SignatureCheck check) {
  using Outcome = SignatureCheck::Outcome;
  if (check.outcome != Outcome::untrusted && check.outcome != Outcome::undetermined) return check;
  check.outcome = Outcome::valid;
  check.reason.clear();
  return check;
}

// A ladder: each step needs the one before.
Classification classify(const mime::Message& message, const Result<SignedParts>& parts,
                        const SignatureCheck& check, const DirectorySnapshot& directory,
                        const std::string& us, Instant at, Judged judged) {
  using Outcome = SignatureCheck::Outcome;
  if (!parts)
    return ordinary(parts.error().fault == Fault::rejected ? IncomingFlaw::unclear_frame
                                                           : IncomingFlaw::not_signed,
                    parts.error().detail);
  if (check.outcome == Outcome::unreadable || check.outcome == Outcome::damaged)
    return ordinary(IncomingFlaw::broken_signature, check.reason);

  const auto* provider = judged == Judged::as_taken_in_charge
                             ? directory.provider_of_certificate_at(check.certificate, at)
                             : directory.provider_of_certificate(check.certificate);
  if (!provider)
    return ordinary(IncomingFlaw::unknown_signer,
                    "the signer's certificate belongs to no provider");
  if (check.outcome == Outcome::undetermined)
    return {IncomingClass::undecided, IncomingFlaw::none, check.reason, std::nullopt, provider};
  if (check.outcome != Outcome::valid)
    return ordinary(IncomingFlaw::untrusted_certificate, check.reason);
  if (!may_sign(*provider, check, directory, message.header, at))
    return ordinary(IncomingFlaw::foreign_sender,
                    fmt::format("the From address is not one of the signer, {}", provider->name));

  // It is good only where it was made: what came as ordinary mail must not pass for certified in
  // the next mailbox.
  if (says_anomaly(message.header))
    return ordinary(IncomingFlaw::foreign_anomaly,
                    fmt::format("signed by {}, but an anomaly envelope certifies nothing outside",
                                provider->name));

  auto read = read_pec_message(message, *parts, check.addresses);
  if (!read) {
    auto damaged = malformed(IncomingFlaw::malformed, *provider, *parts, read.error().detail);
    const auto data = read_data(message, *parts);
    if (data && data->kind == EventKind::transport_envelope) damaged.envelope = *data;
    return damaged;
  }
  if (const auto why = why_not_its_own(read->data, *provider, directory, us, at); !why.empty()) {
    auto foreign = malformed(IncomingFlaw::foreign_message, *provider, *parts, why);
    foreign.message = std::move(*read);
    return foreign;
  }
  Classification correct{
      IncomingClass::correct, IncomingFlaw::none, {}, std::move(*read), provider};
  correct.identity = identity_of(*correct.message, *parts, check);
  return correct;
}

}  // namespace pec

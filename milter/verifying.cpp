// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/verifying.hpp"

#include "pec/frame.hpp"
#include "pec/pec_message.hpp"

#include <optional>
#include <utility>

namespace pec::milter {

namespace {

const std::string& our_provider(const Services& services) {
  return services.identities.main().identity.provider;
}

}  // namespace

Classification verify_message(const mime::Message& message, Instant at, Judged judged,
                              const Services& services, const DirectorySnapshot& directory) {
  const auto parts = read_frame(message);
  SignatureCheck check;
  if (parts) check = services.verifier->verify(parts->content, parts->signature, at);
  return classify(message, parts, check, directory, our_provider(services), at, judged);
}

Result<Classification> verify_copy(const mime::Message& message, const InternalRecipient& internal,
                                   const Services& services, const DirectorySnapshot& directory) {
  const auto& us = our_provider(services);
  const auto parts = read_frame(message);
  if (!parts) return classify(message, parts, {}, directory, us, internal.at);
  PEC_TRY(const auto logged, services.ledger->logged_messages(bare_message_id(message.header),
                                                              EventKind::transport_envelope));
  const auto known = taken_in_charge_at(*parts, logged);
  const bool judged_now = !known && internal.event == InternalEvent::delivery;
  const auto at = known.value_or(judged_now ? services.clock->now() : internal.at);
  auto check = services.verifier->verify(parts->content, parts->signature, at);
  if (known) check = as_believed_before(std::move(check));
  return classify(message, parts, check, directory, us, at,
                  judged_now ? Judged::as_it_comes_in : Judged::as_taken_in_charge);
}

}  // namespace pec::milter

// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/send_again.hpp"

#include "base/text.hpp"
#include "milter/issuing.hpp"
#include "milter/reply.hpp"
#include "milter/verifying.hpp"
#include "mime/address.hpp"
#include "pec/classification.hpp"

#include <fmt/format.h>

namespace pec::milter {

namespace {

// Our receipt about another provider's message (a take-charge, a delivery receipt) would be foreign
// if it came from outside, but it is ours to send.
bool is_receipt(const Classification& found, const std::string& us) {
  if (!found.message || found.message->kind == EventKind::transport_envelope) return false;
  return found.what == IncomingClass::correct ||
         (found.flaw == IncomingFlaw::foreign_message &&
          text::equals_ignoring_case(found.provider->name, us));
}

// Take-charges and virus detections go to the service mailbox of the sender's provider or unit; all
// others go to the sender. Empty if no provider has his domain any more.
std::string whom_it_is_for(const PecMessage& receipt, const DirectorySnapshot& directory) {
  if (!is_between_providers(receipt.kind)) return receipt.data.sender;
  const auto* unit = directory.provider_of_domain(mime::domain_of(receipt.data.sender));
  return unit ? unit->mail_receipt : std::string();
}

Decision refuse(std::string why) {
  Decision decision;
  decision.action = Refuse{"5.6.0", "Not a receipt that can be sent again"};
  decision.reason = "not sent again: " + std::move(why);
  return decision;
}

}  // namespace

Decision send_again(const Transaction& transaction, const InternalRecipient& internal,
                    const Services& services) {
  const auto& message = transaction.message;
  const auto& us = services.identities.main().identity.provider;
  const auto directory = services.directory->snapshot();
  const auto found =
      verify_message(message, internal.at, Judged::as_taken_in_charge, services, *directory);
  if (found.what == IncomingClass::undecided)
    return decision_for({Fault::unavailable, {}, found.reason, ErrorSource::revocation});
  if (!is_receipt(found, us))
    return refuse(found.reason.empty() ? "it is not a receipt" : found.reason);
  const auto to = whom_it_is_for(*found.message, *directory);
  if (to.empty()) return refuse("no provider has the sender's domain any more");
  const auto from = mime::parse_addresses(message.header.unfolded("From"));
  Decision decision;  // Keep: not a byte of it changes
  decision.route = Route{from.front().address, {to}};
  decision.pec_id = found.message->data.pec_id;
  decision.reason = fmt::format("{}, sent again", wire_name(found.message->kind));
  return decision;
}

}  // namespace pec::milter

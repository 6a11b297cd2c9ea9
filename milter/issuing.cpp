// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/issuing.hpp"

#include "base/text.hpp"
#include "milter/reply.hpp"
#include "mime/address.hpp"
#include "pec/access_point.hpp"
#include "pec/receipt_types.hpp"

#include <fmt/format.h>

namespace pec::milter {

Decision claim_and_make(const ReceiptPlan& plan, const Services& services) {
  const auto claim = services.ledger->claim_receipt(plan.key, plan.proposed, plan.entries);
  if (!claim) return decision_for(claim.error());
  return make_claimed(plan, *claim, services);
}

Decision make_claimed(const ReceiptPlan& plan, const ClaimedReceipt& claim,
                      const Services& services) {
  if (claim.identity)
    return make_receipt(plan, *claim.identity, services.legal_time.stamp(claim.identity->at));
  return not_issued(plan, claim.told);
}

ReceiptFacts receipt_facts(std::string_view ours,
                           std::shared_ptr<const DirectorySnapshot> directory,
                           const Services& services) {
  const auto& us = services.identities.of(mime::domain_of(ours), *directory);
  const auto now = services.clock->now();
  return {services.host_group.get(), us.identity, std::move(directory), std::nullopt, now};
}

Result<LedgerEvent> logged_envelope(const std::string& pec_id, const Services& services) {
  PEC_TRY(auto envelope, services.ledger->envelope_event(pec_id));
  if (!envelope)
    return unavailable(fmt::format("the log has no envelope {} yet", text::printable(pec_id)));
  return std::move(*envelope);
}

Result<ReceiptPlan> notice_plan(const InternalRecipient& internal, const LedgerEvent& envelope,
                                const CertifiedFailure& failure, const Services& services) {
  const auto& sender = envelope.sender;
  auto directory = services.directory->snapshot();
  const bool sent_by_us =
      was_ours(sender, *directory, services.identities.main().identity, internal.at);
  return plan_notice(
      internal, envelope, failure,
      receipt_facts(sent_by_us ? sender : internal.recipient, std::move(directory), services));
}

}  // namespace pec::milter

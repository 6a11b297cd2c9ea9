// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/alias_receipt.hpp"

#include "milter/issuing.hpp"
#include "milter/reply.hpp"
#include "pec/access_point.hpp"

#include <utility>

namespace pec::milter {

Result<std::optional<AliasReport>> alias_report(const InternalRecipient& internal,
                                                const DirectorySnapshot& directory,
                                                const Services& services) {
  if (internal.event != InternalEvent::delivery) return std::nullopt;
  if (!services.aliases) return report_of(internal, {});
  PEC_TRY(auto behind, services.aliases->mailboxes_of(internal.recipient));
  const auto& us = services.identities.main().identity;
  std::erase_if(behind, [&](const std::string& mailbox) {
    return !was_ours(mailbox, directory, us, internal.at);
  });
  return report_of(internal, behind);
}

Decision alias_receipt(const ReceiptPlan& plan, const AliasReport& report,
                       const Services& services) {
  const auto claim =
      services.ledger->claim_alias_receipt(plan.key, plan.proposed, plan.entries, report);
  if (!claim) return decision_for(claim.error());
  if (claim->standing.what == AliasStanding::What::due)
    return make_claimed(plan, claim->receipt, services);
  Decision decision;
  decision.action = Discard{};
  decision.reason = description_of(claim->standing, report);
  decision.pec_id = plan.key.pec_id;
  if (claim->standing.what == AliasStanding::What::second)
    decision.alerts.emplace_back("second mailbox of an alias that had its receipt");
  if (claim->standing.what == AliasStanding::What::not_in_set)
    decision.alerts.emplace_back("delivery to a mailbox that its alias did not lead to");
  return decision;
}

}  // namespace pec::milter

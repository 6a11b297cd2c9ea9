// SPDX-License-Identifier: GPL-2.0-or-later

// Code that the receipts and bounces roles share: it turns a plan into a receipt that the ledger
// agrees to, and decides what to do if a receipt can't be made.
//
//     const auto plan = notice_plan(internal, envelope, failure, services);
//     if (!plan) return decision_for(plan.error(), pec_id);
//     return claim_and_make(*plan, services);
//
// Any thread.
#pragma once

#include "milter/services.hpp"
#include "pec/bounces.hpp"
#include "pec/receipts.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace pec::milter {

// `ours`: our address that the receipt concerns; its unit issues the receipt.
ReceiptFacts receipt_facts(std::string_view ours,
                           std::shared_ptr<const DirectorySnapshot> directory,
                           const Services& services);

// The log's line about the envelope. Error: unavailable, also if the log doesn't know it (yet).
Result<LedgerEvent> logged_envelope(const std::string& pec_id, const Services& services);

// The notice that the internal recipient names. Error: rejected, it concerns nobody.
Result<ReceiptPlan> notice_plan(const InternalRecipient& internal, const LedgerEvent& envelope,
                                const CertifiedFailure& failure, const Services& services);

// Claims the receipt in the ledger and makes it. Drops it if the dispatch has ended otherwise, or
// if other receipts cover all its recipients.
Decision claim_and_make(const ReceiptPlan& plan, const Services& services);

// Makes a receipt that was claimed. It covers only recipients that no other receipt covers.
Decision make_claimed(const ReceiptPlan& plan, const ClaimedReceipt& claim,
                      const Services& services);

}  // namespace pec::milter

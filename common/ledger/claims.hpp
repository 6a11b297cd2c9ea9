// SPDX-License-Identifier: GPL-2.0-or-later

// Which identity a receipt has, and whether it is issued at all. The rules are those of pec/dispatch.hpp: here
// their facts are fetched, and their incidents are entered.
//
//     const auto claimed = claim(sql, key, proposed, entries);   // a transaction that may write
//     if (claimed.identity) enter(sql, under_identity(entries, proposed, *claimed.identity));
//
// Throws soci::soci_error. The session's thread.
#pragma once

#include "ledger/sql_ledger.hpp"

namespace pec::ledger {

ClaimedReceipt claim(soci::session& sql, const ReceiptKey& key, const ReceiptIdentity& proposed,
                     const LedgerEntries& entries);

// A report of an alias's mailbox: noted, and the receipt claimed and entered if it is due.
AliasClaim claim_for_alias(soci::session& sql, const ReceiptKey& key,
                           const ReceiptIdentity& proposed, const LedgerEntries& entries,
                           const AliasReport& report);

}  // namespace pec::ledger

// Which identity a receipt has, and whether it may be at all. The rules are those of
// Ledger::claim_receipt(); how they are kept is told at the top of sql_ledger.cpp ("Claiming").
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

// Whether the entries hold the receipt's line for each of the key's recipients: by these it will be
// known that it was issued.
bool has_lines_of(const LedgerEntries& entries, const ReceiptKey& key);

// The entries as they are when `actual` is issued in the place of `proposed`.
LedgerEntries under_identity(LedgerEntries entries, const ReceiptIdentity& proposed,
                             const ReceiptIdentity& actual);

}  // namespace pec::ledger

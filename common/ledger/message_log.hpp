// SPDX-License-Identifier: GPL-2.0-or-later

// The message log's tables, message, party and event, behind the lines that they hold
// (sql_ledger.cpp, "Format"): what all lines about a message share is stored once, and put together
// again here.
//
//     enter(sql, events);  // within a transaction that may write
//     const auto receipt = issued(sql, pec_id, EventKind::delivery, "bob@b.example");
//
// Texts are storable(). All throw soci::soci_error. The session's thread.
#pragma once

#include "pec/ledger_entry.hpp"

#include <optional>
#include <set>
#include <soci/soci.h>
#include <string>
#include <vector>

namespace pec::ledger {

// A line whose key is there already changes nothing. Lines of one message that follow each other
// and share their recipients cost no more for each than one does: the recipients are looked at
// once.
void enter(soci::session& sql, const std::vector<LedgerEvent>& events);

// What came under this PEC msgid and kind; of an envelope, also what we sent.
std::vector<LoggedMessage> logged_messages(soci::session& sql, const std::string& pec_id,
                                           EventKind kind);

// What was issued for this receipt, if anything. `recipient`: as LedgerEvent::recipient.
std::optional<ReceiptIdentity> issued(soci::session& sql, const std::string& pec_id, EventKind kind,
                                      const std::string& recipient);

// Of whom the receipt with this Message-ID tells.
std::set<std::string> issued_to(soci::session& sql, const std::string& pec_id, EventKind kind,
                                const std::string& message_id);

// Whether this recipient was brought an envelope of this PEC msgid that is another one than the
// receipt's, by the line about it or that of a receipt that was made of it.
bool has_other_envelope(soci::session& sql, const LedgerEvent& receipt);

}  // namespace pec::ledger

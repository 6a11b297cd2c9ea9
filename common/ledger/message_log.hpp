// SPDX-License-Identifier: GPL-2.0-or-later

// The lines of the message log, on its tables message, party and event (sql_ledger.cpp, "Format").
// The tables store once what all lines about a message share; these functions put it together
// again.
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

// A line whose key exists already changes nothing. If lines of one message follow each other and
// share their recipients, the recipients are processed only once.
void enter(soci::session& sql, const std::vector<LedgerEvent>& events);

// The messages of this PEC msgid and kind that came in; for an envelope, also those that we sent.
std::vector<LoggedMessage> logged_messages(soci::session& sql, const std::string& pec_id,
                                           EventKind kind);

// The identity of this receipt, if it was issued. `recipient`: as LedgerEvent::recipient.
std::optional<ReceiptIdentity> issued(soci::session& sql, const std::string& pec_id, EventKind kind,
                                      const std::string& recipient);

// The recipients that the receipt with this Message-ID is about.
std::set<std::string> issued_to(soci::session& sql, const std::string& pec_id, EventKind kind,
                                const std::string& message_id);

// Whether the log shows that this recipient got another envelope of this PEC msgid than the
// receipt's own. The line of an envelope shows it, or the line of a receipt made from one.
bool has_other_envelope(soci::session& sql, const LedgerEvent& receipt);

}  // namespace pec::ledger

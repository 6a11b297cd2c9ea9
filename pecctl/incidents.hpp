// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl incidents`: what should have been and is not, or contradicts what is known, until an
// operator has dealt with it. Missing receipts come first of all: `pecctl receipts reissue` makes
// them where a copy was kept (reissue.hpp); and those that could not be handed over: `pecctl receipts
// resend` sends them again (resend.hpp).
//
//     auto lines = list_incidents(*ledger, legal_time, false);
//     // "2026-11-22 05:11:22 +0100  accettazione  2026…@pec.alfa.example  anna@…  can be reissued  …"
//
// All text from outside is shown without control characters. Times are legal time.
//
// Answers are lines, the last without its end; empty if there is nothing to tell. Errors: one sentence
// for the administrator: what, where, how to mend it. One thread.
#pragma once

#include "ledger/sql_ledger.hpp"
#include "pec/stamp.hpp"

#include <string>
#include <vector>

namespace pec::pecctl {

// The message's open incidents, or those of one recipient of it; at least one, else bad_input.
// `pec_id` may have angle brackets.
Result<std::vector<Incident>> open_incidents(const SqlLedger& ledger, const std::string& pec_id,
                                             const std::string& recipient);

// Whether it is a missing receipt that can be made of the copy that was kept.
bool can_be_reissued(const Incident& incident);

// Whether it is a receipt that was made and could not be handed over.
bool is_lost_receipt(const Incident& incident);

// By time, one line each: when, what, PEC msgid, recipient, whether it can be reissued (or resent), the detail.
// `all`: also those that are closed, with the time of that.
Result<std::string> list_incidents(const SqlLedger& ledger, const LegalTime& zone, bool all);

// Closes them: an operator has dealt with them. `recipient` empty: all of that message.
Result<std::string> resolve_incidents(SqlLedger& ledger, const Clock& clock,
                                      const std::string& pec_id, const std::string& recipient);

// "accettazione  2026…@pec.alfa.example  anna@…"
std::string name_of(const Incident& incident);

}  // namespace pec::pecctl

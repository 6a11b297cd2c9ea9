// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl incidents` and `pecctl receipts`: what should have been and is not, or contradicts what
// is known, until an operator has dealt with it. First of all come missing receipts, which are made
// where a copy was kept, and those that could not be handed over, which are sent again.
//
//     auto answer = list_incidents(*ledger, legal_time, false);
//  // "2026-11-22 05:11:22 +0100  accettazione  2026…@pec.alfa.example  anna@…  can be reissued  …"
//     auto answer = reissue_receipts(*ledger, receipts, group, delivery, clock, id, "");
//     // "reissued accettazione  2026…@pec.alfa.example  anna@…"
//
// All text from outside is shown without control characters. Times are legal time. `pec_id` may
// have angle brackets; `recipient` is whom the incident is about, empty: all of that message. That
// the message has no such open incident is an error, or a problem in the answer.
//
// Errors and problems: one sentence for the administrator: what, where, how to mend it. One thread.
#pragma once

#include "ledger/sql_ledger.hpp"
#include "pecctl/answer.hpp"
#include "pecctl/submit.hpp"

#include <string>

namespace pec::pecctl {

// By time, one line each: when, what, PEC msgid, recipient, whether it can be reissued (or resent),
// the detail. `all`: also those that are closed, with the time of that.
Result<Answer> list_incidents(const SqlLedger& ledger, const LegalTime& zone, bool all);

// Closes them: an operator has dealt with them.
Result<Answer> resolve_incidents(SqlLedger& ledger, const Clock& clock, const std::string& pec_id,
                                 const std::string& recipient);

// Makes receipts that are missing, of the copies that were kept when they could not be made (an
// internal recipient that expired in the queue). The copy goes to the receipts service once more,
// byte for byte, for the internal recipient that it had, with the time of the event it is about;
// pec-milter verifies it as if it came for the first time, and gives a receipt that was made before
// the same id again. After 250 the incident is closed. What can't be made so is a problem, with
// what an operator can do. `host_group` and `delivery_point`: the two secrets of internal
// recipients.
Answer reissue_receipts(SqlLedger& ledger, Submitter& receipts, const Authenticator& host_group,
                        const Authenticator& delivery_point, const Clock& clock,
                        const std::string& pec_id, const std::string& recipient);

// Sends receipts and notices again that could not be handed over (the other provider was away for
// too long, the sender's mailbox was full), and that incidents have kept. The receipt goes to the
// receipts service as it was, byte for byte; pec-milter sees to whom. So it is the same receipt,
// under the same Message-ID and of the same time, and whoever has it already drops it. After 250
// the incident is closed; it opens again if the receipt can't be handed over this time either.
Answer resend_receipts(SqlLedger& ledger, Submitter& receipts, const Authenticator& host_group,
                       const Clock& clock, const std::string& pec_id, const std::string& recipient);

}  // namespace pec::pecctl

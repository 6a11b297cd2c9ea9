// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl incidents` and `pecctl receipts`: events that are missing or contradict what is known,
// until an operator has dealt with them. The most important ones are about receipts. A missing
// receipt is made if a copy was kept; one that could not be handed over is sent again.
//
//     auto answer = list_incidents(*ledger, legal_time, false);
//     // "2026-11-22 05:11:22 +0100  accettazione  2026…@alfa.example  anna@…  can be reissued  …"
//     auto answer = reissue_receipts(*ledger, receipts, group, delivery, clock, id, "");
//     // "reissued accettazione  2026…@pec.alfa.example  anna@…"
//
// All text from outside is shown without control characters. Times are legal time. `pec_id` may
// have angle brackets. `recipient` is the one that the incident is about; empty: all of that
// message. If the message has no such open incident, that is an error, or a problem in the answer.
//
// Errors and problems: one sentence for the administrator: what, where, how to fix it. One thread.
#pragma once

#include "ledger/sql_message_log.hpp"
#include "pecctl/answer.hpp"
#include "pecctl/submit.hpp"

#include <string>

namespace pec::pecctl {

// By time, one line each: when, what, PEC msgid, recipient, whether it can be reissued (or resent),
// the detail. `all`: also closed ones, with the time when they were closed.
Result<Answer> list_incidents(const ledger::SqlMessageLog& ledger, const LegalTime& zone, bool all);

// Closes the incidents that an operator has dealt with.
Result<Answer> resolve_incidents(ledger::SqlMessageLog& ledger, const Clock& clock,
                                 const std::string& pec_id, const std::string& recipient);

// Makes missing receipts from the copies that were kept when they could not be made (an internal
// recipient that expired in the queue). The copy goes to the receipts service once more, byte for
// byte. Its internal recipient is the one that it had, with the time of the event. pec-milter
// verifies it as if it came for the first time; a receipt that was made before gets the same id
// again. After 250 the incident is closed. A receipt that can't be made so is a problem, which says
// what an operator can do. `host_group` and `delivery_point`: the two secrets of internal
// recipients.
Answer reissue_receipts(ledger::SqlMessageLog& ledger, Submitter& receipts,
                        const Authenticator& host_group, const Authenticator& delivery_point,
                        const Clock& clock, const std::string& pec_id,
                        const std::string& recipient);

// Sends again the receipts and notices that could not be handed over (the other provider was away
// for too long, the sender's mailbox was full). Incidents have kept them. The receipt goes to the
// receipts service as it was, byte for byte; pec-milter finds its recipient. So it is the same
// receipt, with the same Message-ID and time; a receiver that has it already drops it. After 250
// the incident is closed. It opens again if the receipt can't be handed over this time either.
Answer resend_receipts(ledger::SqlMessageLog& ledger, Submitter& receipts,
                       const Authenticator& host_group, const Clock& clock,
                       const std::string& pec_id, const std::string& recipient);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl timeouts`: asks for the notices that senders are owed because time has passed: after
// twelve hours without take-charge or delivery, after twenty-four without delivery (RFC 6109,
// 3.1.6). A timer runs it every few minutes.
//
//     auto answer = send_due_notices(*ledger, receipts, secret, SystemClock(), config);
//     // "requested 2026-11-22 05:11:22 +0100  preavviso  2026…@pec.alfa.example  bruno@…"
//
// It has no signing key, so it can't make a notice itself. It sends a request: a message of a few
// lines to the receipts service, for an internal recipient. pec-milter finds the rest in the ledger
// and claims the notice's identity there. It turns the request into the notice in the same SMTP
// transaction. It drops a request for a notice that is not owed (any more). So these hold:
//   - a notice is marked as sent only after the service's 250, i.e. once it is in Postfix's queue;
//   - after a crash at any point the next run asks again, and the same notice has the same id;
//   - two runs at once are like one that asked twice.
// One notice that fails is reported and doesn't stop the others; each is tried once in a run.
//
// Errors: in the answer's problems, a line each. One thread.
#pragma once

#include "config/config.hpp"
#include "ledger/sql_message_log.hpp"
#include "pecctl/answer.hpp"
#include "pecctl/submit.hpp"

namespace pec::pecctl {

// `secret`: the host group's.
Answer send_due_notices(ledger::SqlMessageLog& ledger, Submitter& receipts,
                        const Authenticator& secret, const Clock& clock,
                        const config::Config& config);

// Shows what send_due_notices() would send now.
Answer show_due_notices(const ledger::SqlMessageLog& ledger, const Clock& clock,
                        const config::Config& config);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl timeouts`: has the notices made that are owed to senders because time has passed: after
// twelve hours without take-charge or delivery, after twenty-four without delivery (RFC 6109,
// 3.1.6). A timer runs it every few minutes.
//
//     auto answer = send_due_notices(*ledger, receipts, secret, SystemClock(), config);
//     // "requested 2026-11-22 05:11:22 +0100  preavviso  2026…@pec.alfa.example  bruno@…"
//
// It makes no notice, since it has no signing key. It asks for one: a message of a few lines that
// goes to the receipts service for an internal recipient. pec-milter finds all the rest in the
// ledger, claims the notice's identity there, and turns the request into the notice in the same
// SMTP transaction; a request for what is not owed (any more) it drops. So these hold:
//   - a notice is marked as sent only when the service has said 250, i.e. it is in Postfix's queue;
//   - after a crash at any point the next run asks again, and the same notice has the same id;
//   - two runs at once are as one that asked twice.
// One notice that fails is told and doesn't stop the others; each is tried once in a run.
//
// Errors: in the answer's problems, a line each. One thread.
#pragma once

#include "config/config.hpp"
#include "ledger/sql_ledger.hpp"
#include "pecctl/answer.hpp"
#include "pecctl/submit.hpp"

namespace pec::pecctl {

// `secret`: the host group's.
Answer send_due_notices(SqlLedger& ledger, Submitter& receipts, const Authenticator& secret,
                        const Clock& clock, const Config& config);

// What that would do now.
Answer show_due_notices(const SqlLedger& ledger, const Clock& clock, const Config& config);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// Watches the submissions of each login: it counts them for the rates. A stolen password must not
// turn a certified mailbox into a source of spam, or fill the virus store (pec/sending_limits.hpp
// has the rules).
//
//     note_submission(decision, transaction, infected, services);   // before the ledger is written
//     auto verdict = services.submissions->record_submission(...);  // counts it, or refuses it
//     std::string alarm = alarm_of(submission, *verdict);  // log it as an error, unless empty
//
// A submission is noted only if a rule of this installation needs it. Most messages are neither
// spam nor infected, and rates and series count only if they are configured. The note is one of the
// decision's entries, so the message waits if the ledger can't be written.
//
// Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"

#include <optional>
#include <string>

namespace pec::milter {

// Adds the submission to the decision, if it becomes an envelope or a notice.
void note_submission(Decision& decision, const Transaction& transaction, bool infected,
                     const Services& services);

// Whether the login and the sender may send now: one may have been blocked after the session began.
// Error: unavailable.
Result<std::optional<SendingRefusal>> refused_sender(const Transaction& transaction,
                                                     const Services& services);

// Says that the mailbox was blocked because of it. Empty if it was not, or was blocked before.
std::string alarm_of(const SentMessage& submission, const SubmissionVerdict& verdict);

}  // namespace pec::milter

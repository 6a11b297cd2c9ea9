// SPDX-License-Identifier: GPL-2.0-or-later

// Watches what each login submits: the rates, and that a stolen password can't turn a certified mailbox into
// a source of spam, nor fill the virus store (pec/sending_limits.hpp has the rules).
//
//     note_submission(decision, transaction, infected, services);   // before the ledger is written
//     auto verdict = services.submissions->record_submission(...);       // counts it, or refuses it
//     std::string alarm = alarm_of(submission, *verdict);           // log it as an error, unless empty
//
// A submission is noted only where a rule of this installation asks for it: most messages are no spam and
// hold no virus, and a rate or a series is counted only where one is set. It is noted with the decision's
// own entries, so the message waits if the ledger can't be written.
//
// Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"

#include <optional>
#include <string>

namespace pec::milter {

// Gives the decision its submission, if it becomes an envelope or a notice.
void note_submission(Decision& decision, const Transaction& transaction, bool infected,
                     const Services& services);

// Whether the login and the sender may send now: a session may have begun before one was blocked. Error:
// unavailable.
Result<std::optional<SendingRefusal>> refused_sender(const Transaction& transaction,
                                                     const Services& services);

// That the mailbox was blocked because of it. Empty: it wasn't, or it was before.
std::string alarm_of(const SentMessage& submission, const SubmissionVerdict& verdict);

}  // namespace pec::milter

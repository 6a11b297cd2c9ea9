// Watches what each login submits, so that a stolen password can't turn a certified mailbox into a
// source of spam, nor fill the virus store (pec/sending_limits.hpp has the rules).
//
//     note_submission(decision, transaction, infected, services);   // before the ledger is written
//     ... the decision is carried out ...
//     std::string alarm = block_if_misused(submissions, services);   // log it as an error, unless empty
//
// A submission is noted only where a rule of this installation asks for it: most messages are no spam
// and hold no virus, and a rate or a series is counted only where one is set. It is noted with the decision's own entries,
// so the message waits if the ledger can't be written. What fails after that can't make it wait any more:
// it is in the log, and the next submission that is noted tries again.
//
// Any thread.
#pragma once

#include "mta.hpp"
#include "pec/decision.hpp"
#include "services.hpp"

#include <string>
#include <vector>

namespace pec::milter {

// Adds the submission to the decision's entries, if it becomes an envelope or a notice.
void note_submission(Decision& decision, const Transaction& transaction, bool infected,
                     const Services& services);

// Blocks the mailbox of whoever made the newest of these submissions, on all nodes, if they show that
// somebody else has the password. Empty: all is well, or it was blocked before.
std::string block_if_misused(const std::vector<SentMessage>& noted, const Services& services);

}  // namespace pec::milter

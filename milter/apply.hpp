// SPDX-License-Identifier: GPL-2.0-or-later

// Carries out a decision on a queue file: the only code that edits a message in the mail server.
//
//     const auto done = apply(std::move(decision), signature, transaction, secret, queue_file);
//     if (!done)
//       return decision_for(done.error());          // 451: no edit takes effect
//
// Called by the thread that has the transaction.
#pragma once

#include "milter/mta.hpp"
#include "pec/decision.hpp"

namespace pec::milter {

// Applies Keep and Replace, with the follow-ups; other decisions edit nothing. `signature` is that
// of the draft, if there is one. Error: the first edit that failed. Earlier edits then have no
// effect, as long as the reply is not "accept".
Result<void> apply(Decision&& decision, std::string_view signature, const Transaction& transaction,
                   const Authenticator& host_group, QueueFile& queue_file);

}  // namespace pec::milter

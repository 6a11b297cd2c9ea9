// SPDX-License-Identifier: GPL-2.0-or-later

// Decides which recipients may join a transaction of incoming mail, and what their mailboxes take.
//
//     std::optional<Refusal> refusal = admit(transaction, recipient, services);   // at RCPT
//     const Takes takes = what_all_take(transaction, found.what, services);  // at the end of data
//
// At the end of data there is one answer for all recipients. So a transaction never mixes mailboxes
// that take different things (incoming_point.hpp).
//
// RCPT shows what a mailbox takes, except for its room: for that, the mail store must be asked
// (rooms.hpp). Only ordinary mail needs room. For a single recipient, the question comes at the
// end, and only if the message is ordinary. For several recipients, it comes at RCPT, for the size
// that the client has declared: there, each can still get its own answer. If the message is larger,
// all must have room for its real size, or all refuse it. If a mailbox can't be asked about, it
// counts as having room: Dovecot then refuses what does not fit.
//
// Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/reply.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"
#include "pec/incoming_point.hpp"

#include <optional>
#include <string>

namespace pec::milter {

// Whether this recipient, without brackets, may join the transaction. Notes in the transaction what
// its mailboxes take. Only the roles incoming and sieve check this: other roles take everyone.
std::optional<Refusal> admit(Transaction& transaction, const std::string& recipient,
                             const Services& services);

struct AllTake {
  Takes takes = Takes::all_mail;
  // Why the store could not be asked for somebody's room. Empty if it could, or if there was no
  // need.
  std::string unknown_room{};
};
AllTake what_all_take(const Transaction& transaction, IncomingClass what, const Services& services);

}  // namespace pec::milter

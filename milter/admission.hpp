// SPDX-License-Identifier: GPL-2.0-or-later

// Who may join a transaction where mail comes in, and what its mailboxes take.
//
//     std::optional<Refusal> refusal = admit(transaction, recipient, services);   // at RCPT
//     const Takes takes = what_all_take(transaction, found.what, services);       // at the end of data
//
// At the end of data there is one answer for all recipients. So a transaction never mixes mailboxes that
// take different things (incoming_point.hpp).
//
// What a mailbox takes is known at RCPT, but for its room, which the mail store must be asked for
// (rooms.hpp). Only ordinary mail needs it. So the room of a single recipient is asked for at the end, if the
// message is ordinary. That of several is asked for at RCPT, where they can still be told apart, and for as
// many octets as the client has declared. If the message is larger than that, all must have room for what
// it is, or all refuse it. A mailbox that can't be asked about is taken to have room: Dovecot refuses then
// what does not fit.
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

// Whether this recipient, without brackets, may join the transaction; notes in it what kind of
// mailboxes it has. Only incoming and sieve look at this: other roles take everyone.
std::optional<Refusal> admit(Transaction& transaction, const std::string& recipient,
                             const Services& services);

struct AllTake {
  Takes takes = Takes::all_mail;
  // Why somebody's room could not be asked for; empty: it could, or need not.
  std::string unknown_room{};
};
AllTake what_all_take(const Transaction& transaction, IncomingClass what, const Services& services);

}  // namespace pec::milter

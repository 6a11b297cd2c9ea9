// SPDX-License-Identifier: GPL-2.0-or-later

// Handles one message from its end of data to the reply: signs, writes and does what its role
// decides.
//
//     Outcome outcome = handle(transaction, services, queue_file);
//
// Order, for every role: facts -> decide -> sign -> ledger -> edit -> reply. Nothing takes effect
// before the reply. If anything goes wrong on the way, the result is a tempfail, and the client
// keeps the message.
#pragma once

#include "milter/mta.hpp"
#include "milter/reply.hpp"
#include "milter/services.hpp"

#include <string>

namespace pec::milter {

// The mail server's next step, after the edits.
struct Outcome {
  enum class Verdict { accept, discard, refuse };
  Verdict verdict = Verdict::refuse;
  Reply reply;          // if refuse, for now or for good
  std::string log;      // "role=access action=replace pecid=<...> ..."
  bool alert = false;   // an operator should look at it
  std::string alarm{};  // another log line, of an error that an operator must look at; empty: none
};

// Never throws. Any fault is a tempfail with its reason in the log.
Outcome handle(const Transaction& transaction, const Services& services,
               QueueFile& queue_file) noexcept;

}  // namespace pec::milter

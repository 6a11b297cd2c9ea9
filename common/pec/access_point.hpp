// SPDX-License-Identifier: GPL-2.0-or-later

// The access point: what becomes of a message that one of our users submits (RFC 6109, 2.2.1, 3.1).
//
//     Decision decision = decide_access(message, submission, facts);
//
// A message that passes the formal checks becomes a transport envelope for all its recipients, and
// leaves follow-ups: the acceptance receipt for the sender, and a take-charge for each certified
// recipient of our own (3.4: all of it happens within one provider too). The ledger hears of it when
// the committed copy reaches the receipts role, not here: Postfix may still fail to commit what this
// function decides. (Only what counts against a stolen password is noted before: milter/sending_watch.hpp.)
//
// One that fails, or has a virus, becomes the non-acceptance notice, to the sender alone, and never
// leaves. No copy will come by later to be logged, so its line is written at once: if Postfix then fails
// to commit, the log has a notice that nobody got, and the client comes again.
//
// Pure functions, any thread. Errors: none.
#pragma once

#include "mime/message.hpp"
#include "pec/decision.hpp"
#include "pec/formal_checks.hpp"
#include "pec/ports.hpp"

namespace pec {

struct AccessFacts {
  Stamp stamp;            // the one clock reading of this event
  std::string new_id;     // for the PEC msgid, without domain
  std::string notice_id;  // for the Message-ID of a non-acceptance notice, likewise
  Identity identity;
  std::shared_ptr<const DirectorySnapshot> directory;
  FormalLimits limits;
  std::optional<std::string> virus{};  // that the scanner found in the message: its name
  std::string to_answer{};  // whom to write to, for who answers a receipt; empty: not known
  std::string kept_as{};    // with a virus: what the virus store calls the message
};

Decision decide_access(const mime::Message& message, const Submission& submission,
                       const AccessFacts& facts);

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// The access point: what becomes of a message that one of our users submits (RFC 6109, 2.2.1, 3.1).
//
//     Decision decision = decide_access(message, submission, facts);
//
// A message that passes the formal checks becomes a transport envelope for all its recipients. Its
// follow-ups are the acceptance receipt for the sender, and a take-charge for each certified
// recipient of ours (3.4: also within one provider). The ledger gets no line here, since Postfix
// may still fail to commit the message. It gets its lines when the committed copy reaches the
// receipts role. (Only the counts against a stolen password come earlier:
// milter/sending_watch.hpp.)
//
// A message that fails, or has a virus, becomes a non-acceptance notice to the sender alone, and
// never leaves. No copy comes later to be logged, so the log line is written at once. If Postfix
// then fails to commit, the log has a notice that nobody got, and the client sends the message
// again.
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
  std::optional<std::string> virus{};  // name of the virus that the scanner found
  std::string to_answer{};             // address for users who answer a receipt; empty: not known
  std::string kept_as{};               // if there is a virus: the message's name in the virus store
};

Decision decide_access(const mime::Message& message, const Submission& submission,
                       const AccessFacts& facts);

}  // namespace pec

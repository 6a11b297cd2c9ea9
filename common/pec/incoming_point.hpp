// SPDX-License-Identifier: GPL-2.0-or-later

// The incoming point: what becomes of a message from outside (RFC 6109, 2.2.2).
//
//     Classification found = classify(message, parts, check, directory, us, at);
//     Decision decision = decide_incoming(message, found, smtp, facts);
//
// Correct envelopes and receipts go on unchanged. Everything else goes on in an anomaly envelope,
// unless the mailbox does not take it. A closed mailbox takes no ordinary mail. A revoked or
// renamed one takes only receipts for what its holder has sent. The kind of a message is known only
// at its end, and SMTP then has one answer for all recipients. So one transaction never mixes
// mailboxes that take different things (admit_recipient()).
//
// The log line about an incoming message is written before the mail server commits it. If it fails
// to commit, the log has a line about a message that will come again.
//
// Pure functions, any thread. Errors: none; a message that can't be judged now waits.
#pragma once

#include "pec/classification.hpp"
#include "pec/decision.hpp"
#include "pec/filter_mark.hpp"
#include "pec/ports.hpp"
#include "pec/seen_before.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

// A message's envelope in SMTP (RFC 5321, 2.3.1): sender and recipients. No transport envelope.
struct SmtpEnvelope {
  std::string sender;                   // reverse path, without brackets; may be empty
  std::vector<std::string> recipients;  // forward paths, as given: mailboxes of ours
};

struct IncomingFacts {
  Stamp stamp;
  std::string new_id;  // of an anomaly envelope, without domain; for signed ones: anomaly_name()
  Takes takes = Takes::all_mail;  // the recipients' mailboxes, all alike
  Identity identity;
  std::shared_ptr<const DirectorySnapshot> directory;
  std::optional<std::string> virus{};    // name of the virus that the scanner found
  SpamLevel spam = SpamLevel::not_spam;  // by the host's filter; does not concern certified mail
  // By the filter, too. Nothing: the message does not come from another host.
  std::optional<SenderCheck> sender_check{};
  // Of an envelope: which of its recipients it reached before. Of a receipt: what came before about
  // the same recipients.
  SeenBefore seen{};
  std::vector<std::string> anomaly_known_to{};  // who already has this malformed message
  bool over_tls = true;                         // the connection
  std::string unknown_room{};  // why a mailbox's room is not known: it is taken to have some
};

// Whether the message must be scanned. A correct receipt or notice is evidence of the past, and
// goes on whatever it holds. An envelope that is new to nobody goes no further than before.
// Ordinary mail that its mailbox refuses needs no scan. `takes`: as in IncomingFacts.
bool to_be_scanned(const Classification& found, const SmtpEnvelope& smtp, Takes takes,
                   const SeenBefore& seen);

// `found` is of facts.directory. An infected envelope goes no further. A virus detection for each
// of its recipients replaces it (3.2.3), even if the envelope is wrong in form. Other infected mail
// is refused.
Decision decide_incoming(const mime::Message& message, const Classification& found,
                         const SmtpEnvelope& smtp, const IncomingFacts& facts);

// Whether a further recipient may join a transaction: the first recipient sets what all of them
// take. The client sends to the others in another transaction (452; RFC 5321, 4.5.3.1.10).
inline bool admit_recipient(std::optional<Takes> transaction, Takes mailbox) {
  return transaction.value_or(mailbox) == mailbox;
}

}  // namespace pec

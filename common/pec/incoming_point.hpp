// SPDX-License-Identifier: GPL-2.0-or-later

// The incoming point: what becomes of what comes from outside (RFC 6109, 2.2.2).
//
//     Classification found = classify(message, signature, directory);        // classification.hpp
//     Decision decision = decide_incoming(message, found, delivery, facts);
//
// Correct envelopes and receipts go on unchanged; everything else goes on in an anomaly envelope,
// unless the mailbox does not take it: a closed one takes no ordinary mail, a revoked or renamed one only
// receipts for what its holder has sent. What a message is shows at its end, where in SMTP there is one
// answer for all recipients: so one transaction never mixes mailboxes that take different things (see
// admit_recipient()).
//
// A line of the log about what came in is written before the mail server commits the message: if it
// fails to, the log tells of a message that will come again.
//
// Pure functions, any thread. Errors: none; what can't be judged now waits.
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

// The SMTP side of a message that comes in.
struct Delivery {
  std::string sender;                   // reverse path, without brackets; may be empty
  std::vector<std::string> recipients;  // forward paths, as given: mailboxes of ours
};

struct IncomingFacts {
  Stamp stamp;
  std::string new_id;  // of an anomaly envelope, without domain; a provider's: anomaly_name()
  Takes takes = Takes::all_mail;  // the recipients' mailboxes, all alike
  Identity identity;
  std::shared_ptr<const DirectorySnapshot> directory;
  std::optional<std::string> virus{};    // that the scanner found in the message: its name
  SpamLevel spam = SpamLevel::not_spam;  // what the host's filter says; certified mail is none
  // Likewise; nothing: it does not come from another host.
  std::optional<SenderCheck> sender_check{};
  // Of an envelope, to whom among its recipients it was brought before; of a receipt, what was heard
  // before of those whom it tells of.
  SeenBefore seen{};
  std::vector<std::string> anomaly_known_to{};  // who has this malformed message already
  bool over_tls = true;                         // the connection
  std::string
      unknown_room{};  // why a mailbox's room could not be asked for: it is taken to have some
};

// Whether the message must be scanned. A correct receipt or notice is evidence of what was, and goes
// on whatever it holds. So is an envelope that is new to nobody: it goes no further than it went.
// Ordinary mail that its mailbox refuses is not worth a scan. `takes`: as IncomingFacts has it.
bool to_be_scanned(const Classification& found, const Delivery& delivery, Takes takes,
                   const SeenBefore& seen);

// `found` is of facts.directory. An infected envelope goes no further: a virus detection for each of
// its recipients takes its place (3.2.3), also where only its form is wrong. Other infected mail is
// refused.
Decision decide_incoming(const mime::Message& message, const Classification& found,
                         const Delivery& delivery, const IncomingFacts& facts);

// Whether a further recipient may join a transaction: the first says what all take. The others are to
// be sent in another transaction (452; RFC 5321, 4.5.3.1.10).
inline bool admit_recipient(std::optional<Takes> transaction, Takes mailbox) {
  return transaction.value_or(mailbox) == mailbox;
}

}  // namespace pec

// The incoming point: what comes from outside, verified and classified (RFC 6109, 2.2.2).
//
//     Classification found = classify(message, signature, directory);        // what it is, and why
//     Decision decision = decide_incoming(message, found, delivery, facts);  // what becomes of it
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
// Pure functions, any thread. Errors: none; what can't be judged now is `undecided`, and waits.
#pragma once

#include "pec/certification_data.hpp"
#include "pec/decision.hpp"
#include "pec/filter_mark.hpp"
#include "pec/findings.hpp"
#include "pec/pec_message.hpp"
#include "pec/ports.hpp"
#include "pec/seen_before.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

enum class IncomingClass {
  correct,    // an envelope, receipt or notice of a provider, undamaged, in form
  malformed,  // signed by a provider, but not in form, or not its to say
  ordinary,   // anything else
  undecided,  // the signature could not be judged now
};

struct Classification {
  IncomingClass what = IncomingClass::ordinary;
  IncomingFlaw flaw = IncomingFlaw::none;  // none: correct or undecided
  std::string reason;                      // one line: why not better
  std::optional<PecMessage> message;       // if correct, or a foreign_message
  const Provider* provider = nullptr;      // the signer, if correct or malformed; of the snapshot
  std::string identity{};  // what it is (message_identity.hpp), if correct or malformed
  // What is signed, if it is malformed and an envelope all the same: one whose outer header was changed
  // on the way may have been received before, as it was.
  std::optional<CertificationData> envelope{};
};

// What is judged: a message that comes in, or the copy of one that was taken in charge before. A copy is
// judged by what held then: whoever was a provider then, is one still.
enum class Judged { as_it_comes_in, as_taken_in_charge };

// `parts`, `check`: of the message's signature; both empty if it has none. `us`: our provider's name.
// `at`: the instant for which the signature was checked.
Classification classify(const mime::Message& message, const Result<SignedParts>& parts,
                        const SignatureCheck& check, const DirectorySnapshot& directory,
                        const std::string& us, Instant at, Judged judged = Judged::as_it_comes_in);

// When these signed bytes were taken in charge: the earliest of the log's lines about an envelope that say
// so. Nothing: the log knows none of them. `logged`: Ledger::logged_messages() of the envelope.
std::optional<Instant> taken_in_charge_at(const SignedParts& parts,
                                          const std::vector<LoggedMessage>& logged);

// What is said of the signature of bytes that were taken in charge: validity, path and revocation
// were judged then, and what came out since (a revocation, the certificate's end, a list that is missing)
// changes nothing. That the signature is over these bytes is asked now as ever.
SignatureCheck as_believed_before(SignatureCheck check);

// Of a correct receipt that is not to be believed (belief.hpp): what it is then.
Classification disbelieved(Classification found, const mime::Message& message, IncomingFlaw flaw,
                           std::string_view why);

// The recipients whom a correct receipt or notice is about, as it writes them. One about the message as a
// whole (an acceptance) has "" here, as the log has.
std::vector<std::string> recipients_told_of(const CertificationData& data);

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

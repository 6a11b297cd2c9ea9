// SPDX-License-Identifier: GPL-2.0-or-later

// What the domain needs from outside, as interfaces: the providers' directory, signing and
// verifying, the ledger. (Time and ids: base/clock.hpp, base/ids.hpp.) Only main.cpp, or
// milter/parts.cpp, constructs what stands behind them; tests bring their own.
//
// All functions here may be called from any thread at once. Where nothing else is said, an error is
// unavailable, with a sentence for the operator: the message waits. Times are seconds, UTC.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "mime/rope.hpp"
#include "pec/alias_delivery.hpp"
#include "pec/ledger_entry.hpp"
#include "pec/login_guard.hpp"
#include "pec/mailbox.hpp"
#include "pec/mailbox_room.hpp"
#include "pec/provider.hpp"
#include "pec/sending_limits.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

// The providers' directory at one moment (RFC 6109, 4.5). Immutable; memory look-ups only.
// Returned pointers live as long as the snapshot.
class DirectorySnapshot {
public:
  virtual ~DirectorySnapshot() = default;
  // Who manages this mail domain (any case, exact match); nullptr: the domain is not certified.
  virtual const Provider* provider_of_domain(std::string_view domain) const = 0;
  // Whose certificate this is: found by SHA-1 hash (hex, any case), then compared as a whole.
  virtual const Provider* provider_of_certificate(std::string_view certificate_der) const = 0;
  // Whose it was when a message was taken in charge at this instant: as above, or the last provider
  // that had it until lately (directory.former_owner_days). For copies of what was verified when it
  // came; what comes in is judged by the present alone.
  virtual const Provider* provider_of_certificate_at(std::string_view certificate_der,
                                                     Instant at) const = 0;
  // Whether mail of this domain (any case, exact match), of this instant, may be signed by the
  // provider of this name (any case): the domain is managed by it or one of its units; or nobody
  // manages it, and it is that of a mailReceipt or a certificate's address of theirs; or one of
  // these was so until lately (directory.former_owner_days).
  virtual bool speaks_for(std::string_view provider, std::string_view domain, Instant at) const = 0;
  // Whether this is some provider's own address: a mailReceipt, or that of a certificate (any
  // case).
  virtual bool is_service_address(std::string_view address) const = 0;
};

class Directory {
public:
  virtual ~Directory() = default;
  // Take one for each message and ask it alone: a refresh never changes facts half way.
  virtual std::shared_ptr<const DirectorySnapshot> snapshot() const = 0;
};

// Signs with the provider's key (RFC 6109, 4.3): CMS, detached, SHA-256, chain included.
class Signer {
public:
  virtual ~Signer() = default;
  // `content` in canonical form (CRLF). `at` becomes the signing time, so that the same receipt
  // made again is the same bytes where the key's algorithm allows it. Returns DER. Error: internal.
  virtual Result<std::string> sign(const mime::Rope& content, Instant at) const = 0;
  // Whether what is signed now can still be verified when it comes out of somebody's queue: not in
  // the last hours of the certificate (trust.stop_signing_hours). Error: unavailable, with a
  // sentence for the operator; then the message waits.
  virtual Result<void> may_sign(Instant now) const = 0;
  // The address in the certificate's subjectAltName: every message of ours is From it.
  virtual const std::string& address() const = 0;
};

// What can be said of a detached signature, step by step in the order of the rules (2.2.2).
struct SignatureCheck {
  enum class Outcome {
    valid,         // integrity and trust both hold
    unreadable,    // no CMS, no signer, or not exactly one
    damaged,       // the signature is not one over these bytes by the certificate in it
    untrusted,     // path, validity at the time, purpose or revocation fail
    undetermined,  // could not be decided now (e.g. a CRL too old): try again later
  };
  Outcome outcome = Outcome::unreadable;
  std::string certificate;             // the signer's, DER; set from `untrusted` on, and if valid
  std::vector<std::string> addresses;  // rfc822Names of its subjectAltName
  std::string reason;                  // one line, for the log and the anomaly text; empty if valid
};

class Verifier {
public:
  virtual ~Verifier() = default;
  // `content`: the exact bytes of the first part of the multipart/signed; `cms`: decoded second
  // part; `at`: the instant for which the certificates must be valid. What can't be judged now
  // is `undetermined`.
  virtual SignatureCheck verify(std::string_view content, std::string_view cms,
                                Instant at) const = 0;
};

// What a scan for viruses says of a message.
struct ScanResult {
  enum class Outcome { clean, infected, failed };
  // What kept the scanner from a verdict: the administrator decides for each what follows.
  enum class Failure {
    none,
    no_engine,     // no database, or no daemon
    old_database,  // older than is allowed
    error,         // this message could not be scanned, or not to its end
    timeout,       // not in the time allowed
  };
  Outcome outcome = Outcome::failed;
  Failure failure = Failure::none;
  std::string virus;   // its name, if infected
  std::string reason;  // one line for the log, if failed
};

class Scanner {
public:
  virtual ~Scanner() = default;
  // `message`: whole, as it came, header included. Never throws; attachments in archives and in
  // attached messages are scanned too.
  virtual ScanResult scan(const mime::Rope& message) const = 0;
  // One line for the administrator: what it scans with, or why it can't.
  virtual std::string state() const = 0;
};

// What is known of an infected message, beside its bytes (RFC 6109, 3.1.3, 3.2.3).
struct KeptVirus {
  std::string id;  // what the store calls it (message_identity.hpp)
  Instant at;
  std::string virus;                    // its name
  std::string role;                     // where it was found: "access", "incoming"
  std::string sender;                   // reverse path
  std::vector<std::string> recipients;  // forward paths
  std::string pec_id;      // without brackets; at the access point: of the first notice
  std::string message_id;  // as the message has it; may be empty

  bool operator==(const KeptVirus&) const = default;
};

class VirusStore {
public:
  virtual ~VirusStore() = default;
  // Durable when it returns. Under one id one message is kept, as it first came; the same again
  // only has it kept for longer.
  virtual Result<void> keep(const KeptVirus& kept, const mime::Rope& message) const = 0;
  // Error: what is new would not be kept now.
  virtual Result<void> has_room() const = 0;
};

// An HMAC under a secret of this installation, for internal recipients.
class Authenticator {
public:
  virtual ~Authenticator() = default;
  virtual std::string mac(std::string_view text) const = 0;  // 32 bytes (HMAC-SHA-256)
};

// Where the mail server's aliases lead.
class Aliases {
public:
  virtual ~Aliases() = default;
  // The addresses that mail for this one goes to in the end, canonical, each once; the address
  // itself, if no table has it. Error: unavailable, with the table that can't be asked.
  virtual Result<std::vector<std::string>> mailboxes_of(const std::string& address) const = 0;
};

// How full mailboxes are.
class Quotas {
public:
  virtual ~Quotas() = default;
  // The limits of this mailbox (canonical address), and what is used of each. None: it has no
  // limit, or is no mailbox of the store.
  virtual Result<std::vector<Quota>> of(const std::string& address) const = 0;
};

// The message log with its dispatches and receipts (RFC 6109, 2.3). Durable when a call returns.
class MessageLog {
public:
  virtual ~MessageLog() = default;

  // Merges the entries in one transaction: what is there already, by its key, stays as it is.
  virtual Result<void> record(const LedgerEntries& entries) = 0;

  // The identity of the receipt for this key (its Message-ID and certified time), and the entries
  // that go with it, in one transaction. Asked twice, the first answer stands: the receipt made
  // again is the same receipt. The key's recipients are claimed together. Of some of them another
  // receipt may tell already, made of a copy that came in another transaction: what somebody sent
  // again can overtake the true one. These are returned as told, and the receipt under this
  // identity is about the others.
  //
  // No identity is returned where this receipt must not be, because of what is known of the
  // dispatch (pec/dispatch.hpp). Then nothing is written but an incident, where two ends contradict
  // each other.
  virtual Result<ClaimedReceipt> claim_receipt(const ReceiptKey& key,
                                               const ReceiptIdentity& proposed,
                                               const LedgerEntries& entries) = 0;

  // The same of a delivery receipt for an alias, of which one mailbox has the message now: the
  // report is noted, in the same transaction, and the receipt is claimed if judge() finds it due.
  // Its time is then that of the latest delivery, in the proposed identity and in the entries.
  virtual Result<AliasClaim> claim_alias_receipt(const ReceiptKey& key,
                                                 const ReceiptIdentity& proposed,
                                                 const LedgerEntries& entries,
                                                 const AliasReport& report) = 0;

  // What the log's line about this message's transport envelope says, whoever sent it: sender,
  // recipients, subject and so on as they were certified. Nothing: no such line (yet).
  virtual Result<std::optional<LedgerEvent>> envelope_event(const std::string& pec_id) const = 0;

  // What the log has of messages that came under this PEC msgid and kind, a line for each
  // recipient; of an envelope, also the line about our own. A line says no more than that a role
  // saw it: only of an envelope is it entered when the mail server has the message for sure.
  virtual Result<std::vector<LoggedMessage>> logged_messages(const std::string& pec_id,
                                                             EventKind kind) const = 0;

  // How the dispatch for this recipient (canonical) has ended, if it has.
  virtual Result<std::optional<DispatchStep::Step>> end_of_dispatch(
      const std::string& pec_id, const std::string& recipient) const = 0;

  // Whom a user should write to who answers the message of this Message-ID (without brackets): one
  // that came of a message that he has to do with, as sender or recipient, and that is not older
  // than `since`. Nothing: not known. `user`: canonical.
  virtual Result<std::optional<std::string>> to_answer(const std::string& user,
                                                       const std::string& message_id,
                                                       Instant since) const = 0;

  // What was issued for this receipt of ours, if anything. Of several recipients, the first one's.
  virtual Result<std::optional<ReceiptIdentity>> issued_receipt(const ReceiptKey& key) const = 0;
};

// What logins submit, counted. Durable when a call returns.
class Submissions {
public:
  virtual ~Submissions() = default;

  // Merges the entries as MessageLog::record does, in one transaction with the question whether the
  // submission may be sent: its mailbox may send, and the rates are kept with it
  // (pec/sending_limits.hpp). One that may not is refused, and nothing is entered. If it shows that
  // somebody else has the password, the mailbox is blocked with it.
  virtual Result<SubmissionVerdict> record_submission(const LedgerEntries& entries,
                                                      const SentMessage& submission,
                                                      const SendingLimits& limits) = 0;
  // The mail server did not take it after all: it counts for nothing.
  virtual Result<void> withdraw_submission(const std::string& pec_id) = 0;
};

// The mailboxes of ours: what they may do, and what their logins have submitted lately. Addresses
// and logins are canonical (mime/address.hpp). Durable when a call returns.
class Mailboxes {
public:
  virtual ~Mailboxes() = default;

  // One that nobody has set is active and open.
  virtual Result<MailboxStatus> mailbox(const std::string& address) const = 0;

  // The newest `most` submissions of a login that were accepted (Submissions::record_submission),
  // newest first.
  virtual Result<std::vector<SentMessage>> recent_submissions(const std::string& login,
                                                              std::uint64_t most) const = 0;
};

// The mailboxes whose holders are owed the word that they are blocked.
class BlocksToNotify {
public:
  virtual ~BlocksToNotify() = default;

  // Those that are blocked, and whose holders have not been told so yet; by time.
  virtual Result<std::vector<Mailbox>> blocks_to_notify() const = 0;
  virtual Result<void> mark_told(const Mailbox& mailbox) = 0;
};

// Which logins failed, and from where accounts have logged in well (pec/login_guard.hpp): counted
// for all nodes and protocols together. It takes no more room than the accounts that there are, and
// a fixed number of networks, whoever tries whatever.
class Logins {
public:
  virtual ~Logins() = default;

  virtual Result<LoginFacts> login_facts(const LoginAttempt& attempt) const = 0;
  // One that was tried. A good one from where the account has logged in today already writes
  // nothing.
  virtual Result<void> note_login(const LoginAttempt& attempt, bool good) = 0;
};

// How the parts of each node do. Durable when a call returns.
class NodeStates {
public:
  virtual ~NodeStates() = default;

  // Adds to what was counted on this node under these names.
  virtual Result<void> add_counts(const std::string& node,
                                  const std::map<std::string, std::uint64_t>& counts) = 0;

  // Replaces what was noted for this node and component. Where that was the same, its time stays:
  // a report may be repeated, and the time is always that of the last change.
  virtual Result<void> note_state(const ComponentState& state) = 0;
};

}  // namespace pec

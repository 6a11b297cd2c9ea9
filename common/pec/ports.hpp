// SPDX-License-Identifier: GPL-2.0-or-later

// Interfaces for the domain's needs from outside: the providers' directory, signing and verifying,
// the ledger. (For time and ids see base/clock.hpp and base/ids.hpp.) Only main.cpp or
// milter/parts.cpp makes the objects behind them; tests bring their own.
//
// Any thread may call all functions here, at the same time. Unless a comment says otherwise, an
// error is unavailable, with a sentence for the operator: the message waits. Times are seconds,
// UTC.
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
  // The manager of this mail domain (any case, exact match). nullptr: the domain is not certified.
  virtual const Provider* provider_of_domain(std::string_view domain) const = 0;
  // The owner of this certificate. It is found by its SHA-1 hash, then compared as a whole.
  virtual const Provider* provider_of_certificate(std::string_view certificate_der) const = 0;
  // The owner when a message was taken in charge at this instant: as above, or the last provider
  // that had it until lately (directory.former_owner_days). Use it for copies of messages that were
  // verified when they came. Incoming mail is judged by the present alone.
  virtual const Provider* provider_of_certificate_at(std::string_view certificate_der,
                                                     Instant at) const = 0;
  // Whether the provider of this name (any case) may sign mail of this domain (any case, exact
  // match) and instant. It may if it or one of its units manages the domain. It also may if nobody
  // manages the domain, and one of its mailReceipts or certificates has an address there. In both
  // cases, it is enough if this was so until lately (directory.former_owner_days).
  virtual bool speaks_for(std::string_view provider, std::string_view domain, Instant at) const = 0;
  // Whether this address (any case) is some provider's own: a mailReceipt, or the address in a
  // certificate.
  virtual bool is_service_address(std::string_view address) const = 0;
};

class Directory {
public:
  virtual ~Directory() = default;
  // Take one snapshot for each message and ask only that: then a refresh never changes facts half
  // way.
  virtual std::shared_ptr<const DirectorySnapshot> snapshot() const = 0;
};

// Signs with the provider's key (RFC 6109, 4.3): CMS, detached, SHA-256, chain included.
class Signer {
public:
  virtual ~Signer() = default;
  // `content` is in canonical form (CRLF). `at` becomes the signing time: then a receipt that is
  // made again has the same bytes, if the key's algorithm allows it. Returns DER. Error: internal.
  virtual Result<std::string> sign(const mime::Rope& content, Instant at) const = 0;
  // Whether a signature made now can still be verified when the message leaves somebody's queue. It
  // can't in the last hours of the certificate (trust.stop_signing_hours). Error: unavailable, with
  // a sentence for the operator; then the message waits.
  virtual Result<void> may_sign(Instant now) const = 0;
  // The address in the certificate's subjectAltName. All our messages are From it.
  virtual const std::string& address() const = 0;
};

// The result for a detached signature. The checks follow the order of the rules (2.2.2).
struct SignatureCheck {
  enum class Outcome {
    valid,         // integrity and trust both hold
    unreadable,    // no CMS, no signer, or not exactly one
    damaged,       // the certificate in it did not sign these bytes
    untrusted,     // path, validity at the time, purpose or revocation fail
    undetermined,  // nobody can decide now (e.g. the CRL is too old): try again later
  };
  Outcome outcome = Outcome::unreadable;
  std::string certificate;             // the signer's, DER; set from `untrusted` on, and if valid
  std::vector<std::string> addresses;  // rfc822Names of its subjectAltName
  std::string reason;                  // one line, for the log and the anomaly text; empty if valid
};

class Verifier {
public:
  virtual ~Verifier() = default;
  // `content`: the exact bytes of the first part of the multipart/signed. `cms`: the decoded second
  // part. `at`: the instant for which the certificates must be valid. If nobody can decide now, the
  // outcome is `undetermined`.
  virtual SignatureCheck verify(std::string_view content, std::string_view cms,
                                Instant at) const = 0;
};

// The result of a scan of one message for viruses.
struct ScanResult {
  enum class Outcome { clean, infected, failed };
  // Why there is no verdict. The administrator decides for each reason what follows.
  enum class Failure {
    none,
    no_engine,     // no database, or no daemon
    old_database,  // older than is allowed
    error,         // the scan of this message failed, or did not reach its end
    timeout,       // the scan took too long
  };
  Outcome outcome = Outcome::failed;
  Failure failure = Failure::none;
  std::string virus;   // its name, if infected
  std::string reason;  // one line for the log, if failed
};

class Scanner {
public:
  virtual ~Scanner() = default;
  // `message`: whole, as it came, with its header. Never throws. Also scans attachments in archives
  // and in attached messages.
  virtual ScanResult scan(const mime::Rope& message) const = 0;
  // One line for the administrator: the scanner in use, or why it can't scan.
  virtual std::string state() const = 0;
};

// The facts about an infected message, beside its bytes (RFC 6109, 3.1.3, 3.2.3).
struct KeptVirus {
  std::string id;  // its name in the store (message_identity.hpp)
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
  // Durable when it returns. The store keeps one message under one id, as it first came. If the
  // same message comes again, the store only keeps it for longer.
  virtual Result<void> keep(const KeptVirus& kept, const mime::Rope& message) const = 0;
  // Error: the store would not keep a new message now.
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
  // The addresses where mail for this one ends, canonical, each once. If no table has the address,
  // it is the address itself. Error: unavailable, with the table that can't be asked.
  virtual Result<std::vector<std::string>> mailboxes_of(const std::string& address) const = 0;
};

// How full mailboxes are.
class Quotas {
public:
  virtual ~Quotas() = default;
  // The limits of this mailbox (canonical address), and how much of each is used. Empty: the
  // mailbox has no limit, or the store does not have it.
  virtual Result<std::vector<Quota>> of(const std::string& address) const = 0;
};

// The message log with its dispatches and receipts (RFC 6109, 2.3). Durable when a call returns.
class MessageLog {
public:
  virtual ~MessageLog() = default;

  // Merges the entries in one transaction. If the log already has an entry with the same key, that
  // entry stays as it is.
  virtual Result<void> record(const LedgerEntries& entries) = 0;

  // Claims the receipt for this key: returns its identity (Message-ID and certified time), and
  // writes the entries that go with it, in one transaction. If it is asked twice, the first answer
  // stands: the receipt made again is the same receipt. The key's recipients are claimed together.
  // Another receipt may already cover some of them: a copy of the message came in another
  // transaction, and a copy that somebody sent again can overtake the true one. These recipients
  // are returned as told. The receipt under this identity is about the others.
  //
  // Returns no identity if the facts about the dispatch forbid this receipt (pec/dispatch.hpp).
  // Then it writes nothing, except an incident if two ends contradict each other.
  virtual Result<ClaimedReceipt> claim_receipt(const ReceiptKey& key,
                                               const ReceiptIdentity& proposed,
                                               const LedgerEntries& entries) = 0;

  // The same for the delivery receipt of an alias, when one of its mailboxes has the message now.
  // Notes the report, and claims the receipt if judge() finds it due, in the same transaction. The
  // receipt's time is then that of the latest delivery, in the proposed identity and in the
  // entries.
  virtual Result<AliasClaim> claim_alias_receipt(const ReceiptKey& key,
                                                 const ReceiptIdentity& proposed,
                                                 const LedgerEntries& entries,
                                                 const AliasReport& report) = 0;

  // The log's line about this message's transport envelope, ours or another provider's: sender,
  // recipients, subject and so on as they were certified. Nothing: there is no such line (yet).
  virtual Result<std::optional<LedgerEvent>> envelope_event(const std::string& pec_id) const = 0;

  // The log's lines about messages with this PEC msgid and kind, one for each recipient. For an
  // envelope, also the line about our own. A line only says that a role saw the message. Only for
  // an envelope is it written when the mail server has the message for sure.
  virtual Result<std::vector<LoggedMessage>> logged_messages(const std::string& pec_id,
                                                             EventKind kind) const = 0;

  // How the dispatch for this recipient (canonical) has ended, if it has.
  virtual Result<std::optional<DispatchStep::Step>> end_of_dispatch(
      const std::string& pec_id, const std::string& recipient) const = 0;

  // The address that a user should write to who answers the message of this Message-ID (without
  // brackets). It must come from a message that has the user as sender or recipient, and that is
  // not older than `since`. Nothing: not known. `user`: canonical.
  virtual Result<std::optional<std::string>> to_answer(const std::string& user,
                                                       const std::string& message_id,
                                                       Instant since) const = 0;

  // The identity under which we issued this receipt, if we did. If there are several recipients,
  // that of the first one.
  virtual Result<std::optional<ReceiptIdentity>> issued_receipt(const ReceiptKey& key) const = 0;
};

// Counts the submissions of logins. Durable when a call returns.
class Submissions {
public:
  virtual ~Submissions() = default;

  // Merges the entries as MessageLog::record does, if the submission may be sent; both in one
  // transaction. It may be sent if its mailbox may send and the rates are kept
  // (pec/sending_limits.hpp). Otherwise it is refused, and nothing is entered. If it shows that
  // somebody else has the password, the mailbox is blocked with it.
  virtual Result<SubmissionVerdict> record_submission(const LedgerEntries& entries,
                                                      const SentMessage& submission,
                                                      const SendingLimits& limits) = 0;
  // For a submission that the mail server did not take after all: it counts for nothing.
  virtual Result<void> withdraw_submission(const std::string& pec_id) = 0;
};

// Our mailboxes: what they may do, and the latest submissions of their logins. Addresses and logins
// are canonical (mime/address.hpp). Durable when a call returns.
class Mailboxes {
public:
  virtual ~Mailboxes() = default;

  // A mailbox that nobody has set is active and open.
  virtual Result<MailboxStatus> mailbox(const std::string& address) const = 0;

  // The newest `most` accepted submissions of a login (Submissions::record_submission), newest
  // first.
  virtual Result<std::vector<SentMessage>> recent_submissions(const std::string& login,
                                                              std::uint64_t most) const = 0;
};

// Blocked mailboxes whose holders do not know it yet.
class BlocksToNotify {
public:
  virtual ~BlocksToNotify() = default;

  // Those mailboxes, by time.
  virtual Result<std::vector<Mailbox>> blocks_to_notify() const = 0;
  virtual Result<void> mark_told(const Mailbox& mailbox) = 0;
};

// Failed logins, and the networks from which accounts have logged in well (pec/login_guard.hpp),
// counted for all nodes and protocols together. Its room has a bound, whoever tries whatever: one
// entry for each account that there is, and a fixed number of networks.
class Logins {
public:
  virtual ~Logins() = default;

  virtual Result<LoginFacts> login_facts(const LoginAttempt& attempt) const = 0;
  // Notes an attempt. A good one writes nothing if the account has already logged in from there
  // today.
  virtual Result<void> note_login(const LoginAttempt& attempt, bool good) = 0;
};

// The state of each node's parts. Durable when a call returns.
class NodeStates {
public:
  virtual ~NodeStates() = default;

  // Adds to this node's counts under these names.
  virtual Result<void> add_counts(const std::string& node,
                                  const std::map<std::string, std::uint64_t>& counts) = 0;

  // Replaces the noted state of this node and component. If the state is the same, its time stays:
  // a report may be repeated, and the time is always that of the last change.
  virtual Result<void> note_state(const ComponentState& state) = 0;
};

}  // namespace pec

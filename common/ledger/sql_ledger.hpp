// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger in an SQL database (RFC 6109, 2.3): the message log, the progress of dispatches, which
// receipts were issued, which domains we manage, who had which domains before, how mailboxes are set, and
// how the parts of each node do. How it works is told at the top of sql_ledger.cpp.
//
//     auto ledger = SqlLedger::open("sqlite3:///var/lib/pec/ledger.db");
//     if (!ledger) return complain(ledger.error().detail);
//     (*ledger)->record(entries);   // on the disk when it returns
//
// Errors: unavailable, in one sentence that names the database and how to mend it; nothing is
// thrown. After one, do the same call again: all calls are idempotent. Any thread; a call waits for
// the disk, up to `patience` also for another process that writes.
#pragma once

#include "base/guarded.hpp"
#include "directory/domain_history.hpp"
#include "ledger/batch_writer.hpp"
#include "ledger/database.hpp"
#include "pec/dispatch.hpp"
#include "pec/ports.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

// A notice of a timeout that is owed to a sender: warned or timed_out. See due_notices().
struct DueNotice {
  std::string pec_id;
  std::string recipient;  // canonical address
  EventKind kind{};       // early_notice or timeout_notice

  bool operator==(const DueNotice&) const = default;
};

// A mail domain that we manage and tell the providers' directory of (RFC 6109, 4.5.5). It is certified
// once the directory has it; until then, and for all decisions, the directory alone counts.
struct ManagedDomain {
  std::string name;  // lower case
  std::string unit;  // providerUnit that manages it; empty: the main entry
  Instant added{};

  bool operator==(const ManagedDomain&) const = default;
};

// What was done to a mailbox, for ever.
struct MailboxEvent {
  std::string address;
  Instant at{};
  std::string what;  // "revoked"
  std::string detail;

  bool operator==(const MailboxEvent&) const = default;
};

// How often something was seen that is only counted (Ledger::add_counts).
struct Count {
  std::string node;
  std::string name;
  std::uint64_t count = 0;

  bool operator==(const Count&) const = default;
};

// Wrong passwords that count still (pec/login_guard.hpp): of an account from strangers, of a network at accounts
// to which it is a stranger, or of both, where they know each other. What it is not about is empty.
struct FailedLogins {
  std::string account, network;
  Instant since{};
  std::uint64_t failed = 0;

  bool operator==(const FailedLogins&) const = default;
};

// From what the caller has seen to what is to be.
struct MailboxChange {
  std::optional<Mailbox> before;  // nothing: the ledger had no row
  Mailbox after;
  MailboxEvent event;
};

class SqlLedger final : public Ledger,
                        public Mailboxes,
                        public Logins,
                        public directory::DomainHistory {
public:
  // `connection`: see ledger::Database::at(). Creates the tables where they are missing, and the file
  // of an SQLite database; not its folder, and no database on a server. Further errors: bad_input for
  // a connection that isn't understood, or a database that a newer program made.
  static Result<std::unique_ptr<SqlLedger>> open(
      std::string_view connection, std::chrono::seconds patience = std::chrono::seconds{10});
  ~SqlLedger() override;

  // See ports.hpp. What was in a claim's entries about a receipt that is not issued, because an
  // earlier identity stands, is entered under that identity (its id and its time).
  Result<void> record(const LedgerEntries& entries) override;
  Result<SubmissionVerdict> record_submission(const LedgerEntries& entries,
                                              const SentMessage& submission,
                                              const SendingLimits& limits) override;
  Result<void> withdraw_submission(const std::string& pec_id) override;
  Result<ClaimedReceipt> claim_receipt(const ReceiptKey& key, const ReceiptIdentity& proposed,
                                       const LedgerEntries& entries) override;
  Result<AliasClaim> claim_alias_receipt(const ReceiptKey& key, const ReceiptIdentity& proposed,
                                         const LedgerEntries& entries,
                                         const AliasReport& report) override;
  Result<std::optional<LedgerEvent>> envelope_event(const std::string& pec_id) const override;
  Result<std::optional<ReceiptIdentity>> issued_receipt(const ReceiptKey& key) const override;
  Result<std::vector<LoggedMessage>> logged_messages(const std::string& pec_id,
                                                     EventKind kind) const override;
  Result<std::optional<DispatchStep::Step>> end_of_dispatch(
      const std::string& pec_id, const std::string& recipient) const override;
  Result<std::optional<std::string>> to_answer(const std::string& user,
                                               const std::string& message_id,
                                               Instant since) const override;
  Result<void> add_counts(const std::string& node,
                          const std::map<std::string, std::uint64_t>& counts) override;
  Result<void> note_state(const ComponentState& state) override;

  // Every program that asks this database from now on is told so. Whether a mailbox is one of ours is
  // the caller's to know.
  Result<MailboxStatus> mailbox(const std::string& address) const override;
  Result<std::optional<Mailbox>> find_mailbox(const std::string& address) const;  // all of it
  Result<std::vector<Mailbox>> mailboxes() const;                                 // by address
  // All of these or none. False, and none, if somebody has changed one of them meanwhile.
  Result<bool> change_mailboxes(const std::vector<MailboxChange>& changes);
  Result<std::vector<MailboxEvent>> events_of_mailbox(const std::string& address) const;  // by time
  // Those that are blocked, and whose holders have not been told so yet; by time.
  Result<std::vector<Mailbox>> blocks_to_notify() const;
  Result<void> mark_told(const Mailbox& mailbox);

  Result<std::vector<SentMessage>> recent_submissions(const std::string& login,
                                                      std::uint64_t most) const override;

  Result<LoginFacts> login_facts(const LoginAttempt& attempt) const override;
  Result<void> note_login(const LoginAttempt& attempt, bool good) override;
  // By account, then network.
  Result<std::vector<FailedLogins>> failed_logins(Instant now) const;
  // From now on none of these has failed.
  Result<void> forget_failed_logins(const std::vector<FailedLogins>& failures);

  // One that is there already goes to this unit, and keeps its time.
  Result<void> add_domains(const std::vector<ManagedDomain>& domains);
  Result<void> remove_domains(const std::vector<std::string>& names);
  Result<std::vector<ManagedDomain>> domains() const;  // by name

  // See directory/domain_history.hpp. A directory that is known already costs one look.
  Result<directory::Former> take_up(const directory::Owned& owned, Instant as_of, Instant now,
                                    std::chrono::days remembered) override;

  // What the ledger holds of one message: events by time, then kind, direction, recipient;
  // dispatches by recipient. Empty if it knows nothing of it.
  Result<std::vector<LedgerEvent>> events_of(const std::string& pec_id) const;
  Result<std::vector<Dispatch>> dispatches_of(const std::string& pec_id) const;

  // The notices of timeouts that are owed, by time of acceptance, at most `most` of them: a 24-hour
  // notice for what was accepted at `final_before` or earlier and has no end; a 12-hour notice for
  // what was accepted between that and `early_before`, was not taken in charge and has no end. One
  // that was claimed but not sent (a crash between the two) is owed still, whatever came since.
  Result<std::vector<DueNotice>> due_notices(Instant early_before, Instant final_before,
                                             std::size_t most) const;
  // They are in the mail server's queue: not owed any more, also those that are claimed only later,
  // on their way.
  Result<void> mark_sent(const std::vector<DueNotice>& notices);

  // By time, oldest first; `all`: those that are resolved, too. Of each copy only a beginning, which says
  // that there is one: together they may be larger than memory.
  Result<std::vector<Incident>> incidents(bool all) const;
  // The open ones of one message, with their copies.
  Result<std::vector<Incident>> incidents_of(const std::string& pec_id) const;
  Result<void> resolve_incident(const Incident& incident, Instant at);

  // What was noted last of every part of every node, by node, then component. Empty if nothing has
  // reported yet.
  Result<std::vector<ComponentState>> states() const;

  // By node, then name.
  Result<std::vector<Count>> counts() const;

  std::uint64_t commits() const { return writer_.commits(); }  // since open()
  std::size_t waiting() const { return writer_.waiting(); }    // calls that no commit has begun for

private:
  explicit SqlLedger(std::shared_ptr<const ledger::Database> database);

  const std::shared_ptr<const ledger::Database> database_;
  ledger::BatchWriter writer_;
  mutable Guarded<std::unique_ptr<soci::session>> reader_;  // none: connect before the next query
};

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// Shared by the ledger's tests: a database of the test's own, a ledger in it, sample entries, and a
// neighbour who locks it, damages it or looks into it.
#pragma once

#include "ledger/schema.hpp"
#include "ledger/sql_ledger.hpp"
#include "support/temporary_folder.hpp"
#include "unit/ledger/postgresql_server.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <soci/soci.h>
#include <stdexcept>
#include <string>
#include <sys/stat.h>

namespace pec {

inline Instant at(long long seconds) {
  return Instant{std::chrono::seconds{seconds}};
}

// For a ledger on SQLite.
class TestFolder : public test::TemporaryFolder {
public:
  std::filesystem::path file(const std::string& name = "ledger.db") const { return path(name); }
  std::string connection() const { return "sqlite3://" + file().string(); }
};

// A PostgreSQL database that is removed when the test ends.
class ServerDatabase {
public:
  ServerDatabase() : name_("test" + std::to_string(++count_)) {
    server().run("postgres", "CREATE DATABASE " + name_ + " TEMPLATE template0");
  }
  ~ServerDatabase() { server().run("postgres", "DROP DATABASE " + name_ + " WITH (FORCE)"); }
  ServerDatabase(const ServerDatabase&) = delete;
  ServerDatabase& operator=(const ServerDatabase&) = delete;

  static PostgresqlServer& server() { return PostgresqlServer::of_this_program(); }
  const std::string& name() const { return name_; }
  std::string connection() const { return server().connection(name_); }

private:
  static inline int count_ = 0;
  std::string name_;
};

// One of the two: tests that use it hold for both, and run on both.
class TestDatabase {
public:
  TestDatabase() {
    if (PostgresqlServer::is_asked_for())
      database_.emplace();
    else
      folder_.emplace();
  }
  bool is_on_server() const { return database_.has_value(); }
  std::string connection() const {
    return database_ ? database_->connection() : folder_->connection();
  }
  // Its name in errors.
  std::string name() const {
    return database_ ? database_->name() + " on " + ServerDatabase::server().folder().string()
                     : folder_->file().string();
  }

private:
  std::optional<TestFolder> folder_;
  std::optional<ServerDatabase> database_;
};

// `place`: any of the three above.
template <class Place>
std::unique_ptr<ledger::SqlLedger> open_ledger(const Place& place,
                                               std::chrono::seconds patience = std::chrono::seconds{
                                                   10}) {
  auto ledger = ledger::SqlLedger::open(place.connection(), patience);
  if (!ledger) throw std::runtime_error(ledger.error().detail);
  return std::move(*ledger);
}

// Another connection to the same database, as another program would have it.
class Neighbour {
public:
  template <class Place>
  explicit Neighbour(const Place& place)
      : database_(ledger::Database::at(place.connection(), std::chrono::seconds{10}).value()),
        session_(database_->connect()) {}

  void run(const std::string& sql) { *session_ << sql; }
  void take_write_lock() { database_->begin_writing(*session_); }
  soci::session& session() { return *session_; }

private:
  std::shared_ptr<const ledger::Database> database_;
  std::unique_ptr<soci::session> session_;
};

// A database as an earlier program left it, with that version of the schema.
template <class Place>
void make_version(const Place& place, std::size_t version) {
  const auto database = ledger::Database::at(place.connection(), std::chrono::seconds{10}).value();
  if (const auto made = ledger::prepare_schema(*database, version); !made)
    throw std::runtime_error(made.error().detail);
}

inline LedgerEvent sample_event(const std::string& pec_id) {
  return {.pec_id = pec_id,
          .kind = EventKind::acceptance,
          .direction = Direction::issued,
          .recipient = "",
          .at = at(1795324282),
          .msgid = "<1@client.example>",
          .sender = "ada@alfa.example",
          .recipients = {{"bob@beta.example", true}, {"eve@ordinaria.example", false}},
          .reply_to = "risposte@alfa.example",
          .subject = "Citt\xc3\xa0 'e' \"altro\"; DROP TABLE event; --",
          .provider = "PEC Alfa S.p.A.",
          .generated_id = "r1@pec.alfa.example",
          .error = "",
          .detail = ""};
}

// The line of sample_event() as a program before schema version 4 entered it: without Reply-To.
template <class Place>
void enter_old_event(const Place& place, const std::string& pec_id) {
  const std::string recipients = "certificato bob@beta.example\nesterno eve@ordinaria.example";
  const std::string subject = sample_event(pec_id).subject;
  Neighbour neighbour(place);
  neighbour.session()
      << "INSERT INTO event (pec_id, kind, direction, recipient, at, msgid, sender, recipients, "
         "subject,"
         " provider, generated_id, error, detail)"
         " VALUES (:id, 'accettazione', 'issued', '', 1795324282, '<1@client.example>',"
         " 'ada@alfa.example', :recipients, :subject, 'PEC Alfa S.p.A.', 'r1@pec.alfa.example', "
         "'', '')",
      soci::use(pec_id), soci::use(recipients), soci::use(subject);
}

// As the receipts role writes them: the receipt's line for each recipient.
inline LedgerEntries lines_of(const ReceiptKey& key, const ReceiptIdentity& identity) {
  LedgerEntries entries;
  for (const auto& recipient : key.recipients) {
    auto event = sample_event(key.pec_id);
    event.kind = key.kind;
    event.recipient = recipient;
    event.generated_id = identity.message_id;
    event.at = identity.at;
    entries.events.push_back(event);
  }
  return entries;
}

inline LedgerEntries only(LedgerEvent event) {
  return {.events = {std::move(event)}, .steps = {}};
}
inline LedgerEntries only(DispatchStep step) {
  return {.events = {}, .steps = {std::move(step)}};
}

// As `pecctl mailbox set` does it.
inline Result<bool> set_closed(ledger::SqlLedger& ledger, const std::string& address, bool closed) {
  const auto before = ledger.find_mailbox(address);
  if (!before) return tl::unexpected(before.error());
  auto after = before->value_or(Mailbox{.address = address});
  after.status.closed = closed;
  return ledger.change_mailboxes({{*before, after, {address, at(0), "set", ""}}});
}

// Blocks a mailbox by a spam message, with none allowed.
inline Result<SubmissionVerdict> block(ledger::SqlLedger& ledger, const std::string& address,
                                       Instant at) {
  return ledger.record_submission({}, {"spam", address, at, 1, SpamLevel::spam},
                                  {.spam_messages = 0});
}

}  // namespace pec

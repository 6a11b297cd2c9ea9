// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger's database, and everything that depends on its kind: connecting, taking the write
// lock, explaining an error to the administrator. All other SQL of the ledger is the same for
// SQLite (sqlite_database.cpp) and PostgreSQL (postgresql_database.cpp).
//
//     const auto database = Database::at("sqlite3:///var/lib/pec/ledger.db", patience);
//     auto session = (*database)->connect();  // throws; explain() makes an Error of what it throws
//     (*database)->begin_writing(*session);
//
// Immutable; any thread. A session that it hands out belongs to one thread at a time.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace soci {
class session;
}

namespace pec::ledger {

class Database {
public:
  // `connection` is one of
  //     sqlite3:///var/lib/pec/ledger.db               an absolute path
  //     postgresql://pec@db.alfa.example/pec           a URI as libpq takes it, with a database
  // The file of the first is created if it is missing, readable for its user and group only: the
  // message log is personal data. The database of the second must exist. `patience`: how long to
  // wait while another process holds the write lock.
  static Result<std::shared_ptr<const Database>> at(std::string_view connection,
                                                    std::chrono::seconds patience);

  // The file that the connection names; nothing if it names a server. Touches neither.
  static Result<std::optional<std::string>> file_of(std::string_view connection);

  virtual ~Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Throws soci::soci_error.
  virtual std::unique_ptr<soci::session> connect() const = 0;

  // Begins a transaction that will write, and waits for the write lock at once. So a transaction
  // never fails half way because another process writes. The one lock is for the whole database;
  // the transaction holds it until it ends. Throws soci::soci_error.
  virtual void begin_writing(soci::session& session) const = 0;

  // The type of a text column that sorts by its bytes.
  virtual std::string_view text_type() const = 0;

  // One sentence: which ledger, what is wrong, how to fix it. Never holds the values of a
  // statement, or a password.
  Error explain(const std::exception& error) const;

  const std::string& name() const { return name_; }  // as messages call it

protected:
  // Follows "ledger NAME".
  struct Diagnosis {
    std::string_view what;
    std::string_view remedy;
  };

  explicit Database(std::string name) : name_(std::move(name)) {}

private:
  virtual Diagnosis diagnose(const std::exception& error) const = 0;

  std::string name_;
};

}  // namespace pec::ledger

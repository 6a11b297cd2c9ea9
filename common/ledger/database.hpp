// Where the ledger's database is, and everything that depends on which database it is: connecting,
// taking the write lock, and what an error means to the administrator. All other SQL of the ledger
// is common to SQLite and PostgreSQL.
//
//     Result<Database> database = Database::at("sqlite3:///var/lib/pec/ledger.db", patience);
//     auto session = database->connect();   // throws; explain() makes an Error of what it throws
//     database->begin_writing(*session);
//
// A value; any thread. A session that it hands out belongs to one thread at a time.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace soci {
class session;
}

namespace pec::ledger {

class Database {
public:
  // The file that `connection` names: "sqlite3://" and an absolute path. Doesn't touch it.
  static Result<std::string> file_of(std::string_view connection);

  // `connection`: see file_of(). The file is created if it isn't there, readable for its user and
  // group only: the message log is personal data. `patience`: how long to wait for another process
  // that holds the write lock.
  static Result<Database> at(std::string_view connection, std::chrono::seconds patience);

  // Throws soci::soci_error.
  std::unique_ptr<soci::session> connect() const;

  // Begins a transaction that will write, and waits for the write lock at once: so a transaction
  // never fails half way because somebody else writes. Throws soci::soci_error.
  void begin_writing(soci::session& session) const;

  // One sentence: which ledger, what is wrong, how to mend it. Never the values of a statement.
  Error explain(const std::exception& error) const;

  const std::string& path() const { return path_; }

private:
  Database(std::string path, std::chrono::seconds patience)
      : path_(std::move(path)), patience_(patience) {}

  Result<void> create_if_missing() const;

  std::string path_;
  std::chrono::seconds patience_;
};

}  // namespace pec::ledger

// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger in an SQL database: five parts over one store, each with a header of its own. How it
// works is told at the top of sql_ledger.cpp.
//
//     auto ledger = SqlLedger::open("sqlite3:///var/lib/pec/ledger.db");
//     if (!ledger) return complain(ledger.error().detail);
//     (*ledger)->record(entries);   // on the disk when it returns
//
// Who opens it hands out the parts, or what they are in pec/ports.hpp.
//
// Errors, of all parts: unavailable, in one sentence that names the database and how to mend it;
// nothing is thrown. After one, do the same call again: all calls are idempotent. Any thread; a
// call waits for the disk, up to `patience` also for another process that writes.
#pragma once

#include "ledger/sql_domains.hpp"
#include "ledger/sql_logins.hpp"
#include "ledger/sql_mailboxes.hpp"
#include "ledger/sql_message_log.hpp"
#include "ledger/sql_node_states.hpp"

#include <chrono>
#include <string_view>

namespace pec {

class SqlLedger final : public SqlMessageLog,
                        public SqlMailboxes,
                        public SqlLogins,
                        public SqlDomains,
                        public SqlNodeStates {
public:
  // `connection`: see ledger::Database::at(). Creates the tables where they are missing, and the
  // file of an SQLite database; not its folder, and no database on a server. Further errors:
  // bad_input for a connection that isn't understood, or a database that a newer program made.
  static Result<std::unique_ptr<SqlLedger>> open(
      std::string_view connection, std::chrono::seconds patience = std::chrono::seconds{10});

  std::uint64_t commits() const;  // since open()
  std::size_t waiting() const;    // calls that no commit has begun for

private:
  explicit SqlLedger(const std::shared_ptr<ledger::Store>& store);

  const std::shared_ptr<ledger::Store> store_;
};

}  // namespace pec

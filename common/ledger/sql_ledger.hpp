// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger in an SQL database: five parts over one store, each with a header of its own. The top
// of sql_ledger.cpp explains how it works.
//
//     auto ledger = SqlLedger::open("sqlite3:///var/lib/pec/ledger.db");
//     if (!ledger) return complain(ledger.error().detail);
//     (*ledger)->record(entries);   // on the disk when it returns
//
// The program that opens it hands out its parts, or the interfaces of pec/ports.hpp that they
// implement.
//
// Errors of all parts: unavailable, in one sentence that names the database and says how to fix it;
// nothing is thrown. After an error, repeat the same call: all calls are idempotent. Any thread. A
// call waits for the disk, and up to `patience` for another process that writes.
#pragma once

#include "ledger/sql_domains.hpp"
#include "ledger/sql_logins.hpp"
#include "ledger/sql_mailboxes.hpp"
#include "ledger/sql_message_log.hpp"
#include "ledger/sql_node_states.hpp"

#include <chrono>
#include <string_view>

namespace pec::ledger {

class SqlLedger final : public SqlMessageLog,
                        public SqlMailboxes,
                        public SqlLogins,
                        public SqlDomains,
                        public SqlNodeStates {
public:
  // `connection`: see Database::at(). Creates missing tables, and the file of an SQLite
  // database. Does not create its folder, nor a database on a server. Further errors: bad_input for
  // a connection that isn't understood, or a database that a newer program made.
  static Result<std::unique_ptr<SqlLedger>> open(
      std::string_view connection, std::chrono::seconds patience = std::chrono::seconds{10});

  std::uint64_t commits() const;  // since open()
  std::size_t waiting() const;    // calls whose commit has not begun

private:
  explicit SqlLedger(const std::shared_ptr<Store>& store);

  const std::shared_ptr<Store> store_;
};

}  // namespace pec::ledger

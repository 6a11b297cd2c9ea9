// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger in a database of a PostgreSQL server, for several nodes. See database.hpp.
//
// All nodes together have one writer at a time, by a lock of their own. The rules of sql_ledger.cpp
// look before they write: with one writer they hold as on SQLite, and no transaction needs a second
// try. A node holds the lock for a batch of calls, about as long as the server's disk takes to
// sync. If it hangs meanwhile, the server cuts it off.
#pragma once

#include "ledger/database.hpp"

namespace pec::ledger {

struct PostgresqlServer {
  std::string uri;                   // with our additions; may hold a password
  std::string name;                  // "pec on db.alfa.example": without one
  std::string host, port, database;  // as in the URI; host and port may be empty
};

// From "postgresql://", as libpq takes it, with the name of a database; nothing if it is another
// connection.
std::optional<PostgresqlServer> postgresql_server(std::string_view connection);

class PostgresqlDatabase final : public Database {
public:
  PostgresqlDatabase(PostgresqlServer server, std::chrono::seconds patience)
      : Database(std::move(server.name)), uri_(std::move(server.uri)), patience_(patience) {}

  std::unique_ptr<soci::session> connect() const override;
  void begin_writing(soci::session& session) const override;
  std::string_view text_type() const override { return "TEXT COLLATE \"C\""; }

private:
  Diagnosis diagnose(const std::exception& error) const override;

  std::string uri_;
  std::chrono::seconds patience_;
};

}  // namespace pec::ledger

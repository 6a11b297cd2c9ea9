// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger in a database of a PostgreSQL server, for several nodes. See database.hpp.
//
// All nodes together have one writer at a time, by a lock of their own: the rules of sql_ledger.cpp
// look before they write, and with one writer they hold as they do on SQLite, and no transaction
// ever has to be done again. A node holds the lock for a batch of calls, about as long as the
// server's disk takes to sync; one that hangs meanwhile is cut off by the server.
#pragma once

#include "ledger/database.hpp"

namespace pec::ledger {

struct PostgresqlServer {
  std::string uri;   // with what we add to it; may hold a password
  std::string name;  // "pec on db.alfa.example": without one
};

// Of "postgresql://", as libpq takes it, with the name of a database; nothing: no such connection.
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

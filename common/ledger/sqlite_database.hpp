// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger in an SQLite file, for one node: write-ahead log, each commit synced. See
// database.hpp.
#pragma once

#include "ledger/database.hpp"

namespace pec::ledger {

// The path in a connection of "sqlite3://" and an absolute path; nothing if it is another
// connection.
std::optional<std::string> sqlite_file(std::string_view connection);

class SqliteDatabase final : public Database {
public:
  // Creates the file if it isn't there.
  static Result<std::shared_ptr<const Database>> at(std::string path,
                                                    std::chrono::seconds patience);

  SqliteDatabase(std::string path, std::chrono::seconds patience)
      : Database(std::move(path)), patience_(patience) {}

  std::unique_ptr<soci::session> connect() const override;
  void begin_writing(soci::session& session) const override;
  std::string_view text_type() const override { return "TEXT"; }

private:
  Diagnosis diagnose(const std::exception& error) const override;
  Result<void> create_if_missing() const;
  const std::string& path() const { return name(); }

  std::chrono::seconds patience_;
};

}  // namespace pec::ledger

// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/sqlite_database.hpp"

#include "base/file.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/file.h>

namespace pec::ledger {

std::optional<std::string> sqlite_file(std::string_view connection) {
  constexpr std::string_view scheme = "sqlite3://";
  std::string path(connection.substr(std::min(scheme.size(), connection.size())));
  // A double quote would end the path in SOCI's connection string.
  if (!connection.starts_with(scheme) || !path.starts_with('/') ||
      path.find('"') != std::string::npos || text::printable(path) != path)
    return std::nullopt;
  return path;
}

Result<std::shared_ptr<const Database>> SqliteDatabase::at(std::string path,
                                                           std::chrono::seconds patience) {
  auto database = std::make_shared<SqliteDatabase>(std::move(path), patience);
  PEC_TRY_VOID(database->create_if_missing());
  return database;
}

// Does two things that SQLite would do, too. It creates the file, to set its mode and to give a
// clearer error. It does not open an existing file: closing it would drop the locks that this
// process holds on it through SQLite (POSIX advisory locks). And it makes the file a WAL database,
// once for all connections. SQLite can do that only while nobody else uses the file, and does not
// wait for that. So programs that start at the same moment take turns, by a lock on the folder.
Result<void> SqliteDatabase::create_if_missing() const {
  const auto failed = [&](int error) {
    return unavailable(
        fmt::format("can't open ledger {}: {}; create its folder, readable and writable for the "
                    "service's user, or correct ledger.connection",
                    path(), errno_text(error)),
        ErrorSource::ledger);
  };
  const auto folder = std::filesystem::path(path()).parent_path();
  const FileDescriptor turn(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!turn || flock(turn.get(), LOCK_EX) != 0) return failed(errno);
  FileDescriptor file(::open(path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!file && errno != EEXIST) return failed(errno);
  file = FileDescriptor();  // closed before SQLite locks it
  try {
    *connect() << "PRAGMA journal_mode = WAL";  // readers and the writer don't hinder each other
    return {};
  } catch (const std::exception& error) {
    return tl::unexpected(explain(error));
  }
}

std::unique_ptr<soci::session> SqliteDatabase::connect() const {
  auto session = std::make_unique<soci::session>(
      soci::sqlite3, fmt::format("db=\"{}\" timeout={}", path(), patience_.count()));
  *session << "PRAGMA synchronous = FULL";  // a commit is on the disk when it returns
  *session << "PRAGMA foreign_keys = ON";
  return session;
}

void SqliteDatabase::begin_writing(soci::session& session) const {
  session << "BEGIN IMMEDIATE";
}

Database::Diagnosis SqliteDatabase::diagnose(const std::exception& error) const {
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  const int code = sqlite != nullptr ? sqlite->result() : SQLITE_ERROR;
  switch (code & 0xff) {  // the lowest byte of an extended code is the primary one
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {"is not writable", "let the service's user write the file and its folder"};
    case SQLITE_CANTOPEN:
      return {"can't be opened", "let the service's user read and write the file and its folder"};
    case SQLITE_FULL:
      return {"has no room on its disk", "free some space there"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {"is locked by another process", "end that process (`fuser` on the file names it)"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {"is damaged, or no SQLite database", "restore it from a backup"};
    case SQLITE_IOERR:
      return {"can't be read or written", "check the disk and the kernel's log"};
    default:
      return {"failed in an unexpected way", "see what the database's documentation says of it"};
  }
}

}  // namespace pec::ledger

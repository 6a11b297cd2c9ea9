// What the ledger's tests share: a ledger in a folder of its own, sample entries, and SQLite itself
// as the neighbour who locks, damages or looks at the file.
#pragma once

#include "base/c_handle.hpp"
#include "ledger/sql_ledger.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <sys/stat.h>

namespace pec {

inline Instant at(long long seconds) {
  return Instant{std::chrono::seconds{seconds}};
}

// A folder that goes, with what is in it, when the test ends.
class TestFolder {
public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "pec-ledger-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~TestFolder() {
    chmod(path_.c_str(), 0700);
    std::filesystem::remove_all(path_);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::filesystem::path file(const std::string& name = "ledger.db") const { return path_ / name; }
  std::string connection() const { return "sqlite3://" + file().string(); }
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

// No patience: what is locked fails at once instead of after ten seconds.
inline std::unique_ptr<SqlLedger> open_ledger(const TestFolder& folder,
                                              std::chrono::seconds patience = std::chrono::seconds{
                                                  10}) {
  auto ledger = SqlLedger::open(folder.connection(), patience);
  if (!ledger) throw std::runtime_error(ledger.error().detail);
  return std::move(*ledger);
}

// A neighbour: another connection to the same file, without SOCI.
class Neighbour {
public:
  explicit Neighbour(const TestFolder& folder) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open(folder.file().c_str(), &opened);
    database_.reset(opened);
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(opened));
  }
  void run(const std::string& sql) {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(database_.get()));
  }

private:
  CHandle<sqlite3, sqlite3_close> database_;
};

// Takes away again what schema version 4 added.
inline void make_version_3(const TestFolder& folder) {
  Neighbour neighbour(folder);
  for (const std::string index : {"dispatch_open", "dispatch_warned", "dispatch_timed_out"})
    neighbour.run("DROP INDEX " + index);
  for (const std::string column : {"warned_at", "timed_out_at", "warning_sent", "timeout_sent"})
    neighbour.run("ALTER TABLE dispatch DROP COLUMN " + column);
  neighbour.run("ALTER TABLE event DROP COLUMN reply_to");
  neighbour.run("DROP TABLE incident");
  neighbour.run("DELETE FROM schema_version WHERE version > 3");
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

inline LedgerEntries only(LedgerEvent event) {
  return {.events = {std::move(event)}, .steps = {}};
}
inline LedgerEntries only(DispatchStep step) {
  return {.events = {}, .steps = {std::move(step)}};
}

}  // namespace pec

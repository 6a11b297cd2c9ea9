// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/postgresql_database.hpp"

#include "base/c_handle.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <map>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <stdexcept>

namespace pec::ledger {

namespace {

// Any number will do if it is always the same. Another user of the database hardly takes this one.
constexpr long long write_lock = 0x7065'632d'6c64;  // "pec-ld"

using Options = std::map<std::string, std::string>;

// The options that the URI sets; empty if libpq can't read it. (Its error message is dropped: it
// might quote the password.)
Options parse(const std::string& uri) {
  const CHandle<PQconninfoOption, PQconninfoFree> all(PQconninfoParse(uri.c_str(), nullptr));
  Options set;
  if (!all) return set;
  for (const auto* option = all.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr) set[option->keyword] = option->val;
  return set;
}

// With these limits we notice within half a minute that a server can't be reached or is cut off.
std::string with_time_limits(std::string uri, const Options& set) {
  constexpr std::pair<const char*, const char*> limits[] = {
      {"connect_timeout", "10"}, {"keepalives_idle", "10"},     {"keepalives_interval", "5"},
      {"keepalives_count", "3"}, {"tcp_user_timeout", "25000"}, {"application_name", "pec"},
  };
  char separator = uri.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [keyword, value] : limits) {
    if (set.contains(keyword)) continue;
    uri += fmt::format("{}{}={}", separator, keyword, value);
    separator = '&';
  }
  return uri;
}

// The server can't be reached. SOCI's own exception for this lacks an SQLSTATE and a type of its
// own.
struct Unreachable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::unique_ptr<soci::session> open_session(const std::string& uri) {
  try {
    return std::make_unique<soci::session>(soci::postgresql, uri);
  } catch (const soci::soci_error& error) {
    throw Unreachable(error.get_error_message());
  }
}

}  // namespace

std::optional<PostgresqlServer> postgresql_server(std::string_view connection) {
  if (!connection.starts_with("postgresql://") || text::printable(connection) != connection ||
      connection.find(' ') != std::string_view::npos)
    return std::nullopt;
  const std::string uri(connection);
  auto set = parse(uri);
  if (set["dbname"].empty()) return std::nullopt;
  auto limited = with_time_limits(uri, set);
  if (parse(limited).empty()) return std::nullopt;
  std::string name = set["dbname"];
  if (!set["host"].empty()) name += " on " + set["host"];
  return PostgresqlServer{std::move(limited), text::printable(name), set["host"], set["port"],
                          set["dbname"]};
}

// A commit is on the server's disk when it returns. Texts are UTF-8, whatever the environment says.
// A node that holds the write lock but does not go on loses it, so that the other nodes can work.
std::unique_ptr<soci::session> PostgresqlDatabase::connect() const {
  auto session = open_session(uri_);
  const auto* backend = static_cast<soci::postgresql_session_backend*>(session->get_backend());
  PQsetErrorVerbosity(backend->conn_, PQERRORS_TERSE);  // details would quote values
  // Errors come as results; without this libpq would write notices to standard error.
  PQsetNoticeProcessor(
      backend->conn_, [](void*, const char*) {}, nullptr);
  const auto patience = std::max(std::chrono::milliseconds{1},  // 0 would mean for ever
                                 std::chrono::milliseconds{patience_});
  *session << fmt::format(
      "SET client_encoding = 'UTF8'; SET synchronous_commit = on;"
      " SET idle_session_timeout = 0; SET idle_in_transaction_session_timeout = 10000;"
      " SET lock_timeout = {}",
      patience.count());
  return session;
}

void PostgresqlDatabase::begin_writing(soci::session& session) const {
  // Read committed, whatever the server's default is: each statement after the lock sees all
  // earlier commits.
  session << fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({})",
                         write_lock);
}

// Looks up the SQLSTATE, or its first two characters, the class.
Database::Diagnosis PostgresqlDatabase::diagnose(const std::exception& error) const {
  constexpr Diagnosis unreachable{
      "can't be reached",
      "start the server, create the database, and let the service's user in, or fix "
      "ledger.connection"};
  struct Known {
    std::string_view state;
    Diagnosis diagnosis;
  };
  static constexpr Known known[] = {
      {"08", unreachable},
      {"25006", {"is read-only", "name the primary server in ledger.connection"}},
      {"25P03", {"has lost its write lock, having paused too long", "see what held this host up"}},
      {"28", {"doesn't let us in", "fix the server's pg_hba.conf, or ledger.connection"}},
      {"3D000", {"doesn't exist", "create it, or fix ledger.connection"}},
      {"3F000", {"has no schema to make tables in", "let the service's user own the database"}},
      {"42501", {"is not writable", "let the service's user own the database"}},
      {"53100", {"has no room on its disk", "free some space there"}},
      {"53", {"has no means left", "give the server more memory or connections"}},
      {"54", {"can't hold a text so long", "see the log for what was to be entered"}},
      {"55P03", {"is locked by another process", "end that session (pg_locks names it: advisory)"}},
      {"57", {"is stopping, or not ready yet", "start the server, or wait for it"}},
      {"58", {"can't be read or written", "check the server's disk and its log"}},
      {"XX001", {"is damaged", "restore it from a backup"}},
      {"XX002", {"is damaged", "restore it from a backup"}},
  };
  if (dynamic_cast<const Unreachable*>(&error) != nullptr) return unreachable;
  const auto* sql = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  const std::string state = sql != nullptr ? sql->sqlstate() : "";
  for (const auto& each : known)
    if (state.starts_with(each.state)) return each.diagnosis;
  return {"failed in an unexpected way", "see the server's log"};
}

}  // namespace pec::ledger

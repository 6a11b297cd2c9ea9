// SPDX-License-Identifier: GPL-2.0-or-later

// Only PostgreSQL can do this to a ledger: go away, come back, change its settings, refuse.
#include "unit/ledger/support.hpp"

#include <atomic>
#include <fmt/format.h>
#include <mutex>
#include <thread>

using namespace pec;
using Catch::Contains;

namespace {

std::string refusal(const std::string& connection) {
  const auto ledger = ledger::SqlLedger::open(connection, std::chrono::seconds{0});
  if (ledger) FAIL("opened: " << connection);
  CHECK(ledger.error().fault == Fault::unavailable);
  CHECK(ledger.error().detail.find('\n') == std::string::npos);
  return ledger.error().detail;
}

std::string setting(soci::session& sql, const std::string& name) {
  std::string value;
  sql << "SHOW " << name, soci::into(value);
  return value;
}

// Ends all other sessions of this database, as a restart or a firewall would.
void cut_off(const ServerDatabase& database) {
  ServerDatabase::server().run("postgres",
                               "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                               " WHERE datname = '" +
                                   database.name() + "'");
}

}  // namespace

TEST_CASE("entries of a call that returned survive a kill and a start of the server",
          "[.][postgresql]") {
  const ServerDatabase database;
  const auto ledger = open_ledger(database);
  std::mutex mutex;
  std::vector<std::string> done;
  std::atomic<std::size_t> count = 0;
  std::atomic<bool> enough = false;
  const auto record_on_and_on = [&](int thread) {
    for (int n = 0; !enough; ++n) {
      const std::string key = fmt::format("{}.{}", thread, n);
      if (!ledger->record(only(sample_event(key)))) continue;  // the server is away
      const std::lock_guard lock(mutex);
      done.push_back(key);
      count = done.size();
      count.notify_one();
    }
  };
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) threads.emplace_back(record_on_and_on, thread);
  const auto wait_for_50_more = [&] {
    const std::size_t before = count;
    for (std::size_t now = before; now < before + 50; now = count) count.wait(now);
  };
  for (int round = 0; round < 3; ++round) {
    wait_for_50_more();
    ServerDatabase::server().kill();
    ServerDatabase::server().start();
  }
  wait_for_50_more();  // the same ledger goes on
  enough = true;
  threads.clear();
  for (const auto& key : done) CHECK(ledger->events_of(key) == std::vector{sample_event(key)});
}

TEST_CASE("a call while the server is away is told so; the next one finds it again",
          "[.][postgresql]") {
  const ServerDatabase database;
  const auto ledger = open_ledger(database);
  ServerDatabase::server().kill();
  const auto recorded = ledger->record(only(sample_event("id")));
  const auto events = ledger->events_of("id");
  const auto opened = refusal(database.connection());
  ServerDatabase::server().start();
  REQUIRE_FALSE(recorded);
  CHECK(recorded.error().fault == Fault::unavailable);
  CHECK_THAT(recorded.error().detail,
             Contains("ledger " + database.name() + " on /") && Contains("can't be reached"));
  REQUIRE_FALSE(events);
  CHECK_THAT(events.error().detail, Contains("can't be reached"));
  CHECK_THAT(opened, Contains("can't be reached") && Contains("start the server"));

  CHECK(ledger->events_of("id") == std::vector<LedgerEvent>{});
  REQUIRE(ledger->record(only(sample_event("id"))));
  CHECK(ledger->events_of("id") == std::vector{sample_event("id")});
}

TEST_CASE("a connection that was cut off between two calls is replaced at once",
          "[.][postgresql]") {
  const ServerDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(ledger->record(only(sample_event("id"))));
  REQUIRE(ledger->events_of("id"));
  cut_off(database);
  CHECK(ledger->events_of("id") == std::vector{sample_event("id")});
  CHECK(ledger->record(only(sample_event("id2"))));
}

TEST_CASE("commits are synced and read what is committed, whatever the server's defaults",
          "[.][postgresql]") {
  const ServerDatabase database;
  for (const std::string setting :
       {"synchronous_commit = off", "default_transaction_isolation = 'repeatable read'",
        "client_encoding = 'LATIN1'", "idle_session_timeout = 1000"})
    ServerDatabase::server().run("postgres",
                                 "ALTER DATABASE " + database.name() + " SET " + setting);
  Neighbour neighbour(database);
  neighbour.take_write_lock();
  CHECK(setting(neighbour.session(), "synchronous_commit") == "on");
  CHECK(setting(neighbour.session(), "transaction_isolation") == "read committed");
  CHECK(setting(neighbour.session(), "client_encoding") == "UTF8");
  CHECK(setting(neighbour.session(), "idle_session_timeout") == "0");
  CHECK(setting(neighbour.session(), "idle_in_transaction_session_timeout") == "10s");
  CHECK(setting(neighbour.session(), "lock_timeout") == "10s");
}

TEST_CASE("the order of texts is that of their bytes, whatever the server's collation",
          "[.][postgresql]") {
  const ServerDatabase database;
  open_ledger(database);
  Neighbour neighbour(database);
  int others = 0;
  neighbour.session() << "SELECT COUNT(*) FROM information_schema.columns"
                         " WHERE table_schema = 'public' AND data_type = 'text'"
                         " AND collation_name IS DISTINCT FROM 'C'",
      soci::into(others);
  CHECK(others == 0);
}

TEST_CASE("a text that no index can hold fails alone", "[.][postgresql]") {
  const ServerDatabase database;
  const auto ledger = open_ledger(database);
  std::string pec_id;  // compresses badly
  for (unsigned i = 1; pec_id.size() < 20'000; ++i) pec_id += std::to_string(i * 2654435761U);
  const auto failed = ledger->record(only(sample_event(pec_id)));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().fault == Fault::unavailable);
  CHECK_THAT(failed.error().detail, Contains("can't hold a text so long"));
  CHECK(failed.error().detail.size() < 500);
  CHECK(ledger->record(only(sample_event("id"))));
}

TEST_CASE("a server that has no such database, or lets us not in, is told", "[.][postgresql]") {
  const auto& server = ServerDatabase::server();
  CHECK_THAT(refusal(server.connection("none")), Contains("ledger none on /") &&
                                                     Contains("can't be reached") &&
                                                     Contains("database \"none\" does not exist"));
  CHECK_THAT(refusal(server.connection("postgres", "stranger")),
             Contains("role \"stranger\" does not exist"));
}

TEST_CASE("a database that isn't ours to write is told", "[.][postgresql]") {
  const ServerDatabase database;
  const auto& server = ServerDatabase::server();
  server.run("postgres", "CREATE ROLE guest LOGIN");
  const auto guest = server.connection(database.name(), "guest");
  CHECK_THAT(refusal(guest),
             Contains("is not writable") && Contains("let the service's user own the database"));
  open_ledger(database);  // now the tables are there, but somebody else's
  CHECK_THAT(refusal(guest), Contains("is not writable"));
}

TEST_CASE("a read-only server is told", "[.][postgresql]") {
  const ServerDatabase database;
  ServerDatabase::server().run(
      "postgres", "ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
  CHECK_THAT(refusal(database.connection()),
             Contains("is read-only") && Contains("name the primary server"));
}

TEST_CASE("a session that was ended in the midst of a transaction loses the write lock",
          "[.][postgresql]") {
  const ServerDatabase database;
  const auto ledger = open_ledger(database);
  Neighbour neighbour(database);
  neighbour.take_write_lock();
  neighbour.run("INSERT INTO mailbox (address, closed) VALUES ('anna@alfa.example', 1)");
  cut_off(database);
  CHECK(ledger->record(only(sample_event("id"))));
  CHECK(ledger->mailbox("anna@alfa.example")->closed == false);
}

// SPDX-License-Identifier: GPL-2.0-or-later

// The time in which the ledger finds the owed notices of timeouts among a million dispatches. Most
// have ended, many are under way, ten thousand are due. `of_full_scan` is the ratio to a query that
// looks at every dispatch; the two take turns.
//
// And the cost of a new directory of half a million domains: the first, the same again, and one in
// which a fifth of them have changed hands.

#include "ledger/database.hpp"
#include "ledger/sql_ledger.hpp"
#include "support/temporary_folder.hpp"
#include "unit/ledger/postgresql_server.hpp"

#include <benchmark/benchmark.h>
#include <chrono>
#include <soci/soci.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace pec;

constexpr int due = 10'000;
constexpr Instant now{std::chrono::seconds{1795324282}};
constexpr auto early_before = now - std::chrono::hours{12};
constexpr auto final_before = now - std::chrono::hours{24};

// Of a hundred dispatches, one is owed a notice, the early or the final one in turn; nine were
// accepted within the last twelve hours and are under way; ninety were delivered.
constexpr auto fill =
    "INSERT INTO dispatch (pec_id, recipient, accepted_at, delivered_at)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
    " SELECT 'id' || i || '@pec.alfa.example', 'bruno@pec.beta.example',"
    " CASE WHEN i % 200 = 0 THEN 1795324282 - 86400 - i % 40000"
    "      WHEN i % 200 = 100 THEN 1795324282 - 43200 - i % 40000"
    "      WHEN i % 100 < 10 THEN 1795324282 - i % 43000"
    "      ELSE 1795324282 - i END,"
    " CASE WHEN i % 100 >= 10 THEN 1795324282 END FROM n";

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void run(benchmark::State& state, const std::string& connection) {
  const auto opened = ledger::SqlLedger::open(connection);
  if (!opened) throw std::runtime_error(opened.error().detail);
  const auto& ledger = **opened;
  const auto database = ledger::Database::at(connection, std::chrono::seconds{10}).value();
  const auto session = database->connect();
  *session << fill;
  *session << "ANALYZE";

  double ours = 0, full = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const auto notices = ledger.due_notices(early_before, final_before, 2 * due);
    const double took = seconds_since(begin);
    if (!notices || notices->size() != due) throw std::runtime_error("not all that are due");
    const auto middle = std::chrono::steady_clock::now();
    long long none = 0;
    *session << "SELECT COUNT(*) FROM dispatch WHERE failed_at = 1", soci::into(none);
    full += seconds_since(middle);
    ours += took;
    state.SetIterationTime(took);
  }
  state.counters["of_full_scan"] = ours / full;
}

void due_notices_sqlite(benchmark::State& state) {
  const test::TemporaryFolder folder;
  run(state, "sqlite3://" + (folder.path() / "ledger.db").string());
}

std::string new_postgresql_database() {
  const auto& server = PostgresqlServer::of_this_program();
  static int databases = 0;  // one for each repetition
  const std::string name = "bench" + std::to_string(++databases);
  server.run("postgres", "CREATE DATABASE " + name + " TEMPLATE template0");
  return server.connection(name);
}

void due_notices_postgresql(benchmark::State& state) {
  if (!PostgresqlServer::is_installed()) return state.SkipWithError("PostgreSQL is not installed");
  run(state, new_postgresql_database());
}

constexpr std::size_t domains = 500'000, of_each = 12'500;

// `moved`: the number of providers whose domains go to the next one.
directory::OwnedDomains directory_of(const std::vector<std::string>& names, std::size_t moved) {
  directory::OwnedDomains owned;
  for (std::size_t n = 0; n < names.size(); ++n) {
    const auto provider = n / of_each;
    owned["provider " + std::to_string(provider < moved ? 40 : provider)].push_back(names[n]);
  }
  return owned;
}

void take_up(benchmark::State& state, const std::string& connection) {
  const auto opened = ledger::SqlLedger::open(connection);
  if (!opened) throw std::runtime_error(opened.error().detail);
  std::vector<std::string> names;
  for (std::size_t n = 0; n < domains; ++n)
    names.push_back("comune-" + std::to_string(1'000'000 + n) + ".provincia.example");
  const auto before = directory_of(names, 0), after = directory_of(names, 8);
  const auto timed = [&](const directory::OwnedDomains& owned, int day) {
    const auto at = now + std::chrono::days(day);
    const auto begin = std::chrono::steady_clock::now();
    if (!(*opened)->take_up({owned, {}}, at, at, std::chrono::days(7)))
      throw std::runtime_error("it was not taken up");
    return 1000 * seconds_since(begin);
  };
  for (auto _ : state) {
    state.counters["first_ms"] = timed(before, 0);
    state.counters["unchanged_ms"] = timed(before, 0);
    state.counters["fifth_moved_ms"] = timed(after, 1);
    state.counters["unchanged_after_ms"] = timed(after, 1);
  }
}

void take_up_sqlite(benchmark::State& state) {
  const test::TemporaryFolder folder;
  take_up(state, "sqlite3://" + (folder.path() / "ledger.db").string());
}

void take_up_postgresql(benchmark::State& state) {
  if (!PostgresqlServer::is_installed()) return state.SkipWithError("PostgreSQL is not installed");
  take_up(state, new_postgresql_database());
}

}  // namespace

BENCHMARK(due_notices_sqlite)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(10);
BENCHMARK(due_notices_postgresql)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(10);
BENCHMARK(take_up_sqlite)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(take_up_postgresql)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK_MAIN();

// How long the ledger takes to say which notices of timeouts are owed, with a million dispatches: most
// have ended, many are under way, ten thousand are due. `of_full_scan` is the ratio to a query that
// has to look at every dispatch; the two take turns.

#include "ledger/sql_ledger.hpp"
#include "unit/dovecot-plugin/temporary_folder.hpp"
#include "unit/ledger/postgresql_server.hpp"

#include <benchmark/benchmark.h>
#include <chrono>
#include <soci/soci.h>
#include <stdexcept>

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
  const auto opened = SqlLedger::open(connection);
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
  const TemporaryFolder folder;
  run(state, "sqlite3://" + (folder.path() / "ledger.db").string());
}

void due_notices_postgresql(benchmark::State& state) {
  if (!PostgresqlServer::is_installed()) return state.SkipWithError("PostgreSQL is not installed");
  const auto& server = PostgresqlServer::of_this_program();
  static int databases = 0;  // one for each repetition
  const std::string name = "bench" + std::to_string(++databases);
  server.run("postgres", "CREATE DATABASE " + name + " TEMPLATE template0");
  run(state, server.connection(name));
}

}  // namespace

BENCHMARK(due_notices_sqlite)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(10);
BENCHMARK(due_notices_postgresql)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(10);
BENCHMARK_MAIN();

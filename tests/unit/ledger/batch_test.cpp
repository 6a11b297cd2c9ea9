// SPDX-License-Identifier: GPL-2.0-or-later

// Calls share commits, and a confirmed entry survives any death.
#include "base/file.hpp"
#include "base/text.hpp"
#include "ledger/batch_writer.hpp"
#include "unit/ledger/disk_faults.hpp"
#include "unit/ledger/support.hpp"

#include <algorithm>
#include <array>
#include <barrier>
#include <csignal>
#include <fmt/format.h>
#include <soci/soci.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pec;
using Catch::Contains;

namespace {

// One call on a thread of its own.
class Caller {
public:
  Caller(ledger::SqlLedger& ledger, LedgerEntries entries)
      : thread_(
            [this, &ledger, entries = std::move(entries)] { result_ = ledger.record(entries); }) {}
  ~Caller() {
    if (thread_.joinable()) thread_.join();
  }
  Result<void> result() {
    thread_.join();
    return result_;
  }

private:
  Result<void> result_;
  std::thread thread_;
};

std::vector<std::unique_ptr<Caller>> call_all(ledger::SqlLedger& ledger,
                                              const std::vector<LedgerEvent>& events) {
  std::vector<std::unique_ptr<Caller>> callers;
  for (const auto& event : events) callers.push_back(std::make_unique<Caller>(ledger, only(event)));
  return callers;
}

// Holds the database's write lock, so that calls gather.
class WriteLock {
public:
  explicit WriteLock(const TestDatabase& database) : neighbour_(database) {
    neighbour_.take_write_lock();
  }
  ~WriteLock() { neighbour_.run("ROLLBACK"); }

private:
  Neighbour neighbour_;
};

void wait_for_calls(const ledger::SqlLedger& ledger, std::size_t number) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (ledger.waiting() < number) {
    if (std::chrono::steady_clock::now() > deadline) FAIL("the calls did not gather");
    std::this_thread::yield();
  }
}

// From now on an event with the subject "refuse" makes the database do this.
enum class Refusal { of_the_statement, of_the_whole_transaction };

void refuse(const TestDatabase& database, Refusal refusal) {
  Neighbour neighbour(database);
  const bool whole = refusal == Refusal::of_the_whole_transaction;
  if (!database.is_on_server()) {
    neighbour.run(
        fmt::format("CREATE TRIGGER refuse BEFORE INSERT ON event"
                    " WHEN NEW.detail = 'refuse'"
                    " BEGIN SELECT RAISE({}, 'refused by trigger'); END",
                    whole ? "ROLLBACK" : "ABORT"));
    return;
  }
  neighbour.run(
      fmt::format("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                  " $$ BEGIN {}; RETURN NEW; END $$",
                  whole ? "PERFORM pg_terminate_backend(pg_backend_pid())"
                        : "RAISE EXCEPTION 'refused by trigger'"));
  neighbour.run(
      "CREATE TRIGGER refuse BEFORE INSERT ON event FOR EACH ROW"
      " WHEN (NEW.detail = 'refuse') EXECUTE FUNCTION refuse()");
}

std::vector<LedgerEvent> sixteen_events() {
  std::vector<LedgerEvent> events;
  for (int i = 0; i < 16; ++i) events.push_back(sample_event("id" + std::to_string(i)));
  return events;
}

}  // namespace

TEST_CASE("sixteen sessions that wait together share one commit") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  std::vector<std::unique_ptr<Caller>> callers;
  {
    const WriteLock lock(database);
    callers = call_all(*ledger, sixteen_events());
    wait_for_calls(*ledger, 16);
  }
  for (auto& caller : callers) CHECK(caller->result());
  CHECK(ledger->commits() == 1);
  for (const auto& event : sixteen_events())
    CHECK(ledger->events_of(event.pec_id) == std::vector{event});
}

TEST_CASE("programs that start on a new ledger at the same moment all open it") {
  const int rounds = PostgresqlServer::is_asked_for() ? 5 : 30;  // a file is made sooner
  for (int round = 0; round < rounds; ++round) {
    const TestDatabase database;
    std::array<std::string, 8> errors;
    std::barrier start(8);
    {
      std::vector<std::jthread> programs;
      for (auto& error : errors)
        programs.emplace_back([&] {
          start.arrive_and_wait();
          const auto ledger = ledger::SqlLedger::open(database.connection());
          if (!ledger) error = ledger.error().detail;
        });
    }
    for (const auto& error : errors) CHECK(error == "");
  }
}

TEST_CASE("calls one after another have a commit each, on the disk when they return", "[sqlite]") {
  const TestFolder folder;
  const auto ledger = open_ledger(folder);
  for (const auto& event : sixteen_events()) {
    const auto before = syncs();
    REQUIRE(ledger->record(only(event)));
    CHECK(syncs() > before);
  }
  CHECK(ledger->commits() == 16);
}

TEST_CASE("a call that fails doesn't spoil those that share its commit") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  // One event is refused after its job has already written another.
  refuse(database, Refusal::of_the_statement);
  const auto good = sixteen_events();
  auto bad = sample_event("bad");
  bad.recipient = "first@beta.example";
  auto refused = sample_event("bad");
  refused.detail = "refuse";

  std::vector<std::unique_ptr<Caller>> callers;
  std::unique_ptr<Caller> failing;
  {
    const WriteLock lock(database);
    failing = std::make_unique<Caller>(*ledger, LedgerEntries{{bad, refused}, {}});
    callers = call_all(*ledger, good);
    wait_for_calls(*ledger, 17);
  }
  const auto failed = failing->result();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().fault == Fault::unavailable);
  CHECK_THAT(failed.error().detail, Contains("refused by trigger"));
  CHECK_THAT(failed.error().detail, !Contains("ada@alfa.example"));  // no values in the log
  CHECK(ledger->events_of("bad") == std::vector<LedgerEvent>{});
  for (auto& caller : callers) CHECK(caller->result());
  CHECK(ledger->commits() == 1);
  for (const auto& event : good) CHECK(ledger->events_of(event.pec_id) == std::vector{event});
}

TEST_CASE("when the database undoes a whole commit, every call in it is told so") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  refuse(database, Refusal::of_the_whole_transaction);
  auto events = sixteen_events();
  events[7].detail = "refuse";
  std::vector<std::unique_ptr<Caller>> callers;
  {
    const WriteLock lock(database);
    callers = call_all(*ledger, events);
    wait_for_calls(*ledger, 16);
  }
  for (auto& caller : callers) {
    const auto result = caller->result();
    REQUIRE_FALSE(result);
    CHECK(result.error().fault == Fault::unavailable);
  }
  CHECK(ledger->commits() == 0);
  for (const auto& event : events)
    CHECK(ledger->events_of(event.pec_id) == std::vector<LedgerEvent>{});

  CHECK(ledger->record(only(events[0])));  // on a new connection
}

TEST_CASE("a batch that breaks half way leaves nothing behind, and the writer goes on") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto place = ledger::Database::at(database.connection(), std::chrono::seconds{10});
  REQUIRE(place);
  ledger::BatchWriter writer(*place);
  const auto insert = [](soci::session& sql) {
    sql << "INSERT INTO domain VALUES ('pec.alfa.example', '', 1)";
  };
  // A job that spoils its savepoint: what it wrote can be undone with the transaction only.
  const auto broken = writer.run([&](soci::session& sql) {
    insert(sql);
    sql << "RELEASE SAVEPOINT job";
    throw soci::soci_error("connection lost");
  });
  REQUIRE_FALSE(broken);
  CHECK(broken.error().fault == Fault::unavailable);
  CHECK(writer.run(insert));  // would be refused if the first had stayed
  CHECK(writer.commits() == 1);
}

TEST_CASE("a commit that fails on the disk fails its calls; the next ones succeed", "[sqlite]") {
  const TestFolder folder;
  const auto ledger = open_ledger(folder);
  const auto first = sample_event("first"), second = sample_event("second");
  REQUIRE(ledger->record(only(first)));
  const auto [operation, error, text] =
      GENERATE(std::tuple{FailingDisk::write, ENOSPC, "has no room on its disk"},
               std::tuple{FailingDisk::write, EIO, "can't be read or written"},
               std::tuple{FailingDisk::sync, EIO, "can't be read or written"});
  {
    const FailingDisk disk(operation, error);
    const auto failed = ledger->record(only(second));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().fault == Fault::unavailable);
    CHECK_THAT(failed.error().detail, Contains(folder.file().string() + " " + text));
    CHECK(ledger->commits() == 1);
  }
  CHECK(ledger->events_of("first") == std::vector{first});
  REQUIRE(ledger->record(only(second)));
  CHECK(ledger->events_of("second") == std::vector{second});
}

namespace {

// Records one event after another on several threads and reports each key when the call returned.
[[noreturn]] void record_until_killed(const TestDatabase& database, int round, int report) {
  const auto ledger = open_ledger(database);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int n = 0;; ++n) {
        const std::string key = fmt::format("{}.{}.{}", round, t, n);
        const std::string line = key + "\n";
        if (!ledger->record(only(sample_event(key)))) _exit(1);
        if (write(report, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(1);
      }
    });
  for (auto& thread : threads) thread.join();
  _exit(1);
}

// Reads whole lines until the writer is gone; calls `enough` once, at the given number of lines.
template <class Enough>
std::vector<std::string> read_lines(int fd, std::size_t number, Enough enough) {
  std::string received;
  bool told = false;
  char buffer[4096];
  while (true) {
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got <= 0) break;
    received.append(buffer, static_cast<std::size_t>(got));
    const auto lines = std::count(received.begin(), received.end(), '\n');
    if (!told && static_cast<std::size_t>(lines) >= number) enough(), told = true;
  }
  std::vector<std::string> lines;
  for (const auto line : text::split(received, '\n')) lines.emplace_back(line);
  lines.pop_back();  // after the last line break: nothing, since a short write to a pipe is atomic
  return lines;
}

}  // namespace

TEST_CASE("entries of a call that returned survive a kill in the midst of commits") {
  const TestDatabase database;
  for (int round = 0; round < 3; ++round) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const FileDescriptor reading(ends[0]);
    FileDescriptor writing(ends[1]);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) record_until_killed(database, round, writing.get());
    writing = FileDescriptor();
    const auto keys = read_lines(reading.get(), 100, [&] { kill(child, SIGKILL); });
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(keys.size() >= 100);

    const auto ledger = open_ledger(database);
    for (const auto& key : keys) CHECK(ledger->events_of(key) == std::vector{sample_event(key)});
  }
}

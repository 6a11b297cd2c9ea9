// SPDX-License-Identifier: GPL-2.0-or-later

// Faults around the database, and the sentence that reports each.
#include "ledger/schema.hpp"
#include "support/ordinary_user.hpp"
#include "unit/ledger/support.hpp"

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace pec;
using Catch::Contains;

namespace {

Error refusal(const std::string& connection) {
  const auto ledger = ledger::SqlLedger::open(connection, std::chrono::seconds{0});
  if (ledger) FAIL("opened: " << connection);
  CHECK(ledger.error().detail.find('\n') == std::string::npos);
  return ledger.error();
}

}  // namespace

TEST_CASE("a malformed connection is refused, and the error says what to write") {
  for (const std::string bad :
       {"", "sqlite3://", "sqlite3://ledger.db", "/var/lib/pec/ledger.db", "sqlite3:///a\"b",
        "sqlite3:///a\nb", "postgresql://", "postgresql://dbname=pec", "postgresql://host/",
        "postgresql://host/pec?colour=blue", "postgres://host/pec", "postgresql://host/pec\n",
        "postgresql://host/p c", "dbname=pec"}) {
    CAPTURE(bad);
    const auto error = refusal(bad);
    CHECK(error.fault == Fault::bad_input);
    CHECK_THAT(error.detail, Contains("write sqlite3:// and the absolute path of a file, or "
                                      "postgresql:// with a host and a database"));
    CHECK_FALSE(ledger::Database::file_of(bad));
  }
}

TEST_CASE("a connection names a file or a server") {
  CHECK(ledger::Database::file_of("sqlite3:///var/lib/pec/ledger.db").value() ==
        "/var/lib/pec/ledger.db");
  CHECK(ledger::Database::file_of("postgresql://pec@db.alfa.example/pec").value() == std::nullopt);
}

TEST_CASE("a password is never told") {
  for (const std::string connection : {"postgresql://pec:Geheim@127.0.0.1:1/pec",
                                       "postgresql://127.0.0.1:1/pec?password=Geheim"}) {
    const auto error = refusal(connection);
    CHECK(error.fault == Fault::unavailable);
    CHECK_THAT(error.detail, Contains("ledger pec on 127.0.0.1 can't be reached (") &&
                                 Contains("Connection refused") && !Contains("Geheim"));
  }
  const auto error = refusal("postgresql://pec:Geheim@[127.0.0.1/pec");
  CHECK(error.fault == Fault::bad_input);
  CHECK_THAT(error.detail, !Contains("Geheim"));
}

TEST_CASE("a path may hold blanks and other odd characters", "[sqlite]") {
  const TestFolder folder;
  for (const std::string name : {"a b  c.db", "a=b.db", "db=x timeout=1", "'.db", "%20.db", "?x"}) {
    const auto ledger = ledger::SqlLedger::open("sqlite3://" + folder.file(name).string());
    REQUIRE(ledger);
    CHECK((*ledger)->record(only(sample_event("id"))));
    CHECK(std::filesystem::file_size(folder.file(name)) > 0);
  }
}

TEST_CASE("the message log is not for everybody's eyes", "[sqlite]") {
  const TestFolder folder;
  const mode_t before = umask(0);
  const auto ledger = open_ledger(folder);
  umask(before);
  REQUIRE(ledger->record(only(sample_event("id"))));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    INFO(entry.path());
    CHECK((entry.status().permissions() & std::filesystem::perms::others_all) ==
          std::filesystem::perms::none);
  }
}

TEST_CASE("a folder that is missing is told", "[sqlite]") {
  const TestFolder folder;
  const auto path = folder.file("none/ledger.db").string();
  const auto error = refusal("sqlite3://" + path);
  CHECK(error.fault == Fault::unavailable);
  CHECK(error.detail == "can't open ledger " + path +
                            ": No such file or directory; create its folder, readable and writable "
                            "for the service's user, or correct ledger.connection");
}

TEST_CASE("a folder that can't be written is told", "[sqlite]") {
  const TestFolder folder;
  const test::OrdinaryUser user(folder.path());
  chmod(folder.path().c_str(), 0500);
  CHECK_THAT(refusal(folder.connection()).detail,
             Contains("can't open ledger " + folder.file().string() + ": Permission denied"));
}

TEST_CASE("a file that can't be written is told", "[sqlite]") {
  const TestFolder folder;
  open_ledger(folder);
  const test::OrdinaryUser user(folder.path());
  chmod(folder.file().c_str(), 0400);
  const auto error = refusal(folder.connection());
  CHECK(error.fault == Fault::unavailable);
  CHECK_THAT(error.detail, Contains("ledger " + folder.file().string() + " is not writable") &&
                               Contains("let the service's user write the file and its folder"));
}

TEST_CASE("a folder that can't take the database's companion files is told", "[sqlite]") {
  const TestFolder folder;
  open_ledger(folder);
  const test::OrdinaryUser user(folder.path());
  chmod(folder.path().c_str(), 0500);
  CHECK_THAT(refusal(folder.connection()).detail,
             Contains(folder.file().string() + " is not writable"));
}

TEST_CASE("a file that can't be read is told", "[sqlite]") {
  const TestFolder folder;
  open_ledger(folder);
  const test::OrdinaryUser user(folder.path());
  chmod(folder.file().c_str(), 0);
  CHECK_THAT(refusal(folder.connection()).detail, Contains("can't be opened"));
}

TEST_CASE("a folder in the place of the file is told", "[sqlite]") {
  const TestFolder folder;
  std::filesystem::create_directory(folder.file());
  CHECK_THAT(refusal(folder.connection()).detail, Contains("can't be opened"));
}

TEST_CASE("a file that is not a database is reported, and left as it is", "[sqlite]") {
  const TestFolder folder;
  const std::string content(8192, 'x');
  std::ofstream(folder.file()) << content;
  const auto error = refusal(folder.connection());
  CHECK(error.fault == Fault::unavailable);
  CHECK_THAT(error.detail,
             Contains("is damaged, or no SQLite database") && Contains("restore it from a backup"));
  CHECK(std::filesystem::file_size(folder.file()) == content.size());
}

TEST_CASE("damage inside the file is an error of the call, not a crash", "[sqlite]") {
  const TestFolder folder;
  {
    LedgerEntries entries;
    for (int i = 0; i < 500; ++i) entries.events.push_back(sample_event("id" + std::to_string(i)));
    REQUIRE(open_ledger(folder)->record(entries));
  }
  {
    // All but the first page: the schema is whole, the tables are not.
    std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
    const auto size = std::filesystem::file_size(folder.file());
    REQUIRE(size > 8192);
    file.seekp(4096);
    file << std::string(size - 4096, '\xff');
  }
  auto ledger = ledger::SqlLedger::open(folder.connection());
  if (!ledger) {  // found already when it was opened
    CHECK_THAT(ledger.error().detail, Contains("is damaged"));
    return;
  }
  const auto events = (*ledger)->events_of("id7");
  REQUIRE_FALSE(events);
  CHECK(events.error().fault == Fault::unavailable);
  CHECK_THAT(events.error().detail, Contains("is damaged"));
  const auto recorded = (*ledger)->record(only(sample_event("id7")));
  REQUIRE_FALSE(recorded);
  CHECK_THAT(recorded.error().detail, Contains("is damaged"));
}

TEST_CASE("another process that holds the lock for too long is told; then all goes on") {
  const TestDatabase database;
  const auto ledger = open_ledger(database, std::chrono::seconds{0});
  {
    Neighbour neighbour(database);
    neighbour.take_write_lock();
    const auto failed = ledger->record(only(sample_event("id")));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().fault == Fault::unavailable);
    CHECK_THAT(failed.error().detail,
               Contains("ledger " + database.name() + " is locked by another process"));
    CHECK_THAT(refusal(database.connection()).detail, Contains("is locked by another process"));
    CHECK(ledger->events_of("id") == std::vector<LedgerEvent>{});  // readers don't mind
    neighbour.run("ROLLBACK");
  }
  CHECK(ledger->record(only(sample_event("id"))));
}

TEST_CASE("a database of a newer program is told, and left as it is") {
  const TestDatabase database;
  open_ledger(database);
  Neighbour(database).run("INSERT INTO schema_version VALUES (1000)");
  const auto error = refusal(database.connection());
  CHECK(error.fault == Fault::bad_input);
  CHECK(error.detail == "ledger " + database.name() +
                            " has schema version 1000, made by a newer program (this one knows " +
                            std::to_string(ledger::schema_version()) +
                            "); install that program again, or name another file in "
                            "ledger.connection");
}

TEST_CASE("rows that somebody else wrote wrongly are an error of the query, not a crash") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(ledger->record(only(sample_event("id"))));
  const auto [column, value] = GENERATE(std::pair{"kind", "consegna"}, std::pair{"direction", ""});
  Neighbour(database).run(std::string("UPDATE event SET ") + column + " = '" + value + "'");
  const auto events = ledger->events_of("id");
  REQUIRE_FALSE(events);
  CHECK_THAT(events.error().detail, Contains("a row of event has"));
}

TEST_CASE("a recipient that would look like two stays one") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto event = sample_event("id");
  event.recipients = {{"bob@beta.example\ncertificato eve@beta.example", false}};
  REQUIRE(ledger->record(only(event)));
  CHECK(ledger->events_of("id") == std::vector{event});
}

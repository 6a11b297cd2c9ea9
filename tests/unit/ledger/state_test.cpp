// SPDX-License-Identifier: GPL-2.0-or-later

// The states that parts of nodes report, and the upgrade of a ledger from before there were any.
#include "unit/ledger/support.hpp"

using namespace pec;
using Catch::Contains;

namespace {

const std::string mx1 = "mx1.pec.alfa.example", mx2 = "mx2.pec.alfa.example";

ComponentState good_at(long long seconds) {
  return {mx1, "antivirus", true, "120 signatures", at(seconds)};
}

ComponentState bad_at(long long seconds) {
  return {mx1, "antivirus", false, "no database in /var/lib/clamav", at(seconds)};
}

using States = std::vector<ComponentState>;

}  // namespace

TEST_CASE("a ledger to which nothing has reported has no states") {
  const TestDatabase database;
  CHECK(open_ledger(database)->states() == States{});
}

TEST_CASE("trying to write leaves nothing behind, and can be done again") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  for (int i = 0; i < 2; ++i) CHECK(ledger->try_writing());
  CHECK(ledger->counts()->empty());
  CHECK(ledger->states() == States{});
}

TEST_CASE("the last report of a component stands") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  for (const auto& report : {good_at(100), bad_at(200), good_at(300)}) {
    REQUIRE(ledger->note_state(report));
    CHECK(ledger->states() == States{report});
  }
}

TEST_CASE("the same report again changes nothing: its time is that of the last change") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(ledger->note_state(bad_at(100)));
  REQUIRE(ledger->note_state(bad_at(200)));
  CHECK(ledger->states() == States{bad_at(100)});

  auto other_text = bad_at(300);
  other_text.text = "database older than 72 hours";
  REQUIRE(ledger->note_state(other_text));
  CHECK(ledger->states() == States{other_text});

  auto other_verdict = other_text;
  other_verdict.good = true;
  other_verdict.at = at(400);
  REQUIRE(ledger->note_state(other_verdict));
  CHECK(ledger->states() == States{other_verdict});
}

TEST_CASE("each component of each node has its own state; they come sorted") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const ComponentState directory{mx1, "directory", true, "40 providers", at(1)};
  const ComponentState second{mx2, "antivirus", true, "120 signatures", at(2)};
  for (const auto& report : {second, directory, bad_at(3)}) REQUIRE(ledger->note_state(report));
  CHECK(ledger->states() == States{bad_at(3), directory, second});

  REQUIRE(ledger->note_state(good_at(4)));
  CHECK(ledger->states() == States{good_at(4), directory, second});
}

TEST_CASE("a report is kept as it is, whatever its text holds") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto report = bad_at(1);
  report.text = "Citt\xc3\xa0 'e' \"altro\"\n; DROP TABLE state; --";
  REQUIRE(ledger->note_state(report));
  CHECK(ledger->states() == States{report});
}

TEST_CASE("states stay when the ledger is closed, and another program sees them") {
  const TestDatabase database;
  const auto theirs = open_ledger(database);
  REQUIRE(open_ledger(database)->note_state(bad_at(1)));
  CHECK(theirs->states() == States{bad_at(1)});
}

TEST_CASE("states that can't be noted or read are told") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(ledger->note_state(good_at(1)));
  Neighbour(database).run("ALTER TABLE state RENAME TO away");
  const auto noted = ledger->note_state(bad_at(2));
  REQUIRE_FALSE(noted);
  CHECK(noted.error().fault == Fault::unavailable);
  const auto states = ledger->states();
  REQUIRE_FALSE(states);
  CHECK(states.error().fault == Fault::unavailable);
  CHECK_THAT(states.error().detail, Contains(database.name()));

  Neighbour(database).run("ALTER TABLE away RENAME TO state");
  CHECK(ledger->states() == States{good_at(1)});
}

TEST_CASE("a ledger of schema version 2 gets states and keeps what it holds", "[rule:2.3]") {
  const TestDatabase database;
  make_version(database, 2);
  enter_old_event(database, "id@alfa");
  Neighbour(database).run("INSERT INTO mailbox (address, closed) VALUES ('anna@alfa.example', 1)");

  for (const bool again : {false, true}) {
    INFO("opened again: " << again);
    const auto ledger = open_ledger(database);
    auto event = sample_event("id@alfa");
    event.reply_to = "";
    CHECK(ledger->events_of("id@alfa") == std::vector{event});
    CHECK(ledger->mailbox("anna@alfa.example")->closed == true);
    CHECK(ledger->states() == (again ? States{good_at(1)} : States{}));
    REQUIRE(ledger->note_state(good_at(1)));
  }
}

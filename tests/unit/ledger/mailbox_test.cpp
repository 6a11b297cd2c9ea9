// SPDX-License-Identifier: GPL-2.0-or-later

// Settings of mailboxes, and the upgrade of a ledger from before there were any.
#include "pec/mailbox_life.hpp"
#include "unit/ledger/support.hpp"

#include <fmt/format.h>

using namespace pec;
using Catch::Contains;

namespace {

const std::string anna = "anna@alfa.example";

// The ledger as schema version 1 made it, with an event in it.
}  // namespace

TEST_CASE("a mailbox is open until it is closed, and may be opened again", "[rule:2.2.2]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(ledger->mailbox(anna)->closed == false);
  REQUIRE(set_closed(*ledger, anna, true));
  CHECK(ledger->mailbox(anna)->closed == true);
  CHECK(ledger->mailbox("bruno@alfa.example")->closed == false);
  CHECK(ledger->mailbox("")->closed == false);
  REQUIRE(set_closed(*ledger, anna, true));
  CHECK(ledger->mailbox(anna)->closed == true);
  REQUIRE(set_closed(*ledger, anna, false));
  CHECK(ledger->mailbox(anna)->closed == false);
}

TEST_CASE("how a mailbox is set stays when the ledger is closed and opened", "[rule:2.2.2]") {
  const TestDatabase database;
  REQUIRE(set_closed(*open_ledger(database), anna, true));
  CHECK(open_ledger(database)->mailbox(anna)->closed == true);
}

TEST_CASE("every query sees what another program has set a moment before", "[rule:2.2.2]") {
  const TestDatabase database;
  const auto ours = open_ledger(database), theirs = open_ledger(database);
  for (const bool closed : {true, false, true, false}) {
    REQUIRE(set_closed(*theirs, anna, closed));
    CHECK(ours->mailbox(anna)->closed == closed);
    CHECK(ours->events_of("id@alfa"));  // the other queries keep nothing open either
  }
}

TEST_CASE("a query doesn't wait for a program that writes") {
  const TestDatabase database;
  const auto ledger = open_ledger(database, std::chrono::seconds{0});
  REQUIRE(set_closed(*ledger, anna, true));
  Neighbour neighbour(database);
  neighbour.take_write_lock();
  neighbour.run("UPDATE mailbox SET closed = 0");
  CHECK(ledger->mailbox(anna)->closed == true);
  neighbour.run("COMMIT");
  CHECK(ledger->mailbox(anna)->closed == false);
}

TEST_CASE("a setting waits for its turn to write; one that had to wait too long is not made") {
  const TestDatabase database;
  const auto ledger = open_ledger(database, std::chrono::seconds{0});
  Neighbour neighbour(database);
  neighbour.take_write_lock();
  const auto refused = set_closed(*ledger, anna, true);
  neighbour.run("ROLLBACK");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().fault == Fault::unavailable);
  CHECK_THAT(refused.error().detail, Contains("is locked by another process"));
  CHECK(ledger->mailbox(anna)->closed == false);
}

TEST_CASE("when the table can't be asked, that is told: nobody must take it for open") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(set_closed(*ledger, anna, true));
  Neighbour(database).run("ALTER TABLE mailbox RENAME TO away");
  const auto unknown = ledger->mailbox(anna);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().fault == Fault::unavailable);
  CHECK_THAT(unknown.error().detail, Contains(database.name()));
  CHECK(unknown.error().detail.find(anna) == std::string::npos);
  Neighbour(database).run("ALTER TABLE away RENAME TO mailbox");
  CHECK(ledger->mailbox(anna)->closed == true);
}

TEST_CASE("a ledger of schema version 1 gets mailboxes and keeps what it holds", "[rule:2.3]") {
  const TestDatabase database;
  make_version(database, 1);
  enter_old_event(database, "id@alfa");
  for (const bool again : {false, true}) {
    INFO("opened again: " << again);
    const auto ledger = open_ledger(database);
    auto event = sample_event("id@alfa");
    event.reply_to = "";
    CHECK(ledger->events_of("id@alfa") == std::vector{event});
    CHECK(ledger->mailbox(anna)->closed == again);
    REQUIRE(set_closed(*ledger, anna, true));
    CHECK(ledger->mailbox(anna)->closed == true);
  }
}

TEST_CASE("facts and history of a mailbox are kept whole") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK_FALSE(ledger->find_mailbox(anna).value());
  const auto first = added(std::nullopt, anna, "Anna Verdi", "+39 055 000", at(100)).value();
  CHECK(ledger->change_mailboxes({{std::nullopt, first, {anna, at(100), "added", "Anna Verdi"}}}) ==
        true);
  CHECK(ledger->find_mailbox(anna).value() == first);
  auto second = first;
  second.password = "{CRYPT}$y$x";
  second.status.closed = true;
  CHECK(ledger->change_mailboxes({{first, second, {anna, at(200), "password", ""}}}) == true);
  CHECK(ledger->mailboxes() == std::vector{second});
  CHECK(ledger->events_of_mailbox(anna) ==
        std::vector<ledger::MailboxEvent>{{anna, at(100), "added", "Anna Verdi"},
                                          {anna, at(200), "password", ""}});
}

TEST_CASE("a holder's name that is not UTF-8 is kept readable") {
  using namespace std::string_literals;
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  Mailbox mailbox{.address = anna,
                  .created = at(100),
                  .holder = "Anna Ver\xe9",
                  .contacts = "via Rom\0a"s,
                  .home = anna};
  mailbox.status.reason = "gi\xe0 usata";
  REQUIRE(ledger->change_mailboxes(
      {{std::nullopt, mailbox, {anna, at(100), "added", "Anna Ver\xe9"}}}));
  const auto kept = ledger->find_mailbox(anna)->value();
  CHECK(kept.holder == "Anna Veré");
  CHECK(kept.contacts == "via Rom\uFFFDa");
  CHECK(kept.status.reason == "già usata");
  CHECK(ledger->events_of_mailbox(anna)->at(0).detail == "Anna Veré");
}

TEST_CASE("a change of what somebody else has changed meanwhile is not made, nor its companions") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto seen = added(std::nullopt, anna, "Anna", "", at(100)).value();
  REQUIRE(ledger->change_mailboxes({{std::nullopt, seen, {anna, at(100), "added", ""}}}));
  REQUIRE(block(*ledger, anna, at(200))->blocked);
  auto both = renamed(seen, "anna.verdi@alfa.example", std::nullopt, at(300)).value();
  CHECK(ledger->change_mailboxes({{std::nullopt, both.new_name, {"", at(300), "", ""}},
                                  {seen, both.old_name, {"", at(300), "", ""}}}) == false);
  CHECK(ledger->mailboxes()->size() == 1);
  CHECK(ledger->mailbox(anna)->state == MailboxState::blocked);
}

TEST_CASE("a mailbox that is blocked loses its password, and the block is on record") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto mailbox = added(std::nullopt, anna, "Anna", "", at(100)).value();
  mailbox.password = "{CRYPT}$y$x";
  REQUIRE(ledger->change_mailboxes({{std::nullopt, mailbox, {anna, at(100), "added", ""}}}));
  REQUIRE(block(*ledger, anna, at(200))->blocked);
  CHECK(ledger->find_mailbox(anna)->value().password.empty());
  CHECK(ledger->events_of_mailbox(anna)->back() ==
        ledger::MailboxEvent{anna, at(200), "blocked", "1 messages of spam in one hour"});
}

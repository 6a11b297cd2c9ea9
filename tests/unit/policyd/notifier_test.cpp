// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/notifier.hpp"

#include "base/file.hpp"
#include "ledger/sql_ledger.hpp"
#include "pec/mailbox_life.hpp"
#include "support/temporary_folder.hpp"
#include "unit/policyd/support.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::policyd;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

const std::string anna = "anna@pec.alfa.example", bruno = "bruno@pec.alfa.example";

class NotifierWorld {
public:
  NotifierWorld() : ledger(ledger::SqlLedger::open("sqlite3://" + path("ledger.db")).value()) {}

  std::string path(const std::string& name) const { return folder.path(name); }

  // A command that notes its arguments and then does `rest`.
  void set_command(const std::string& rest) const {
    folder.write("notify", "#!/bin/sh\nprintf '%s ' \"$@\" >> " + path("told") + "\n" + rest + "\n",
                 0700);
  }
  // Only anna has contacts.
  void block_both() const {
    const auto account = added(std::nullopt, anna, "Anna", "+39 055 000", clock.now()).value();
    REQUIRE(ledger->change_mailboxes({{std::nullopt, account, {anna, clock.now(), "added", ""}}}) ==
            true);
    block(anna, "spam");
    block(bruno, "a series");
  }
  void block(const std::string& address, const std::string& reason) const {
    const auto before = ledger->find_mailbox(address).value();
    const auto after =
        blocked(before.value_or(Mailbox{.address = address}), reason, clock.now()).value();
    REQUIRE(ledger->change_mailboxes(
                {{before, after, {address, clock.now(), "blocked", reason}}}) == true);
  }
  Notifier notifier(NotifierOptions options) {
    options.good = "all is well";
    return {*ledger, service::StateReport(*ledger, clock, "mx1", "policy", [](const PartState&) {}),
            std::move(options)};
  }
  std::string told() const { return read_file(path("told")).value_or(""); }
  std::string state() const {
    const auto states = ledger->states().value();
    REQUIRE(states.size() == 1);
    return (states.front().good ? "good: " : "bad: ") + states.front().text;
  }

  const TemporaryFolder folder;
  TestClock clock;
  const std::unique_ptr<ledger::SqlLedger> ledger;
};

const std::string about_anna = anna + " 2026-11-22T05:11:22Z spam +39 055 000 ";
const std::string about_bruno = bruno + " 2026-11-22T05:11:22Z a series  ";

}  // namespace

TEST_CASE("each holder is told once, with address, time, reason and contacts") {
  NotifierWorld site;
  site.set_command("exit 0");
  auto notifier = site.notifier({.command = site.path("notify")});
  notifier.look();
  CHECK(site.told().empty());
  site.block_both();
  notifier.look();
  CHECK(site.told() == about_anna + about_bruno);
  notifier.look();
  CHECK(site.told() == about_anna + about_bruno);
  CHECK(site.state() == "good: all is well");
}

TEST_CASE("a holder who was not told is owed it still, and this is told in the state") {
  NotifierWorld site;
  site.set_command("case $1 in anna*) exit 1;; esac");
  site.block_both();
  auto patient = site.notifier({.command = site.path("notify"), .again_after = 1h});
  patient.look();
  patient.look();
  CHECK(site.told() == about_anna + about_bruno);
  CHECK_THAT(site.state(), Contains("bad: holders not told that their mailboxes are blocked: 1: " +
                                    site.path("notify") + " exited with 1"));

  SECTION("again later, by this node or another") {
    site.set_command("exit 0");
    auto other = site.notifier({.command = site.path("notify")});
    other.look();
    CHECK(site.told() == about_anna + about_bruno + about_anna);
    patient.look();
    CHECK(site.told() == about_anna + about_bruno + about_anna);
    CHECK(site.state() == "good: all is well");
  }
  SECTION("not any more once it is unblocked") {
    const auto before = site.ledger->find_mailbox(anna).value();
    REQUIRE(before);
    auto after = *before;
    after.status.state = MailboxState::active;
    REQUIRE(site.ledger->change_mailboxes(
                {{before, after, {anna, site.clock.now(), "unblocked", ""}}}) == true);
    patient.look();
    CHECK(site.state() == "good: all is well");
  }
}

TEST_CASE("without a command nobody is told, and none is marked as told") {
  NotifierWorld site;
  site.block(anna, "spam");
  auto notifier = site.notifier({});
  notifier.look();
  CHECK(site.state() == "good: all is well");
  CHECK(site.ledger->blocks_to_notify()->size() == 1);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/tally.hpp"

#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::milter;

TEST_CASE("a flood raises one alert, and again after a while", "[rule:8.5]") {
  TestClock clock(morning);
  Tally tally(clock);
  CHECK(tally.count({}, {"foreign message"}));
  for (int i = 0; i < 5000; ++i) CHECK_FALSE(tally.count({}, {"foreign message"}));
  CHECK(tally.count({}, {"other content"}));  // another kind of thing
  clock.advance(service::alert_silence);
  CHECK(tally.count({}, {"foreign message"}));
  CHECK_FALSE(tally.count({}, {"foreign message"}));
}

TEST_CASE("the rest of a kind is reported as a number when its time is over", "[rule:8.5]") {
  TestClock clock(morning);
  Tally tally(clock);
  const auto alerts = [&](const std::string& kind, int times) {
    int raised = 0;
    for (int i = 0; i < times; ++i) raised += tally.count({}, {kind}) ? 1 : 0;
    return raised;
  };
  CHECK(alerts("foreign message", 50) == 1);
  CHECK(alerts("other content", 1) == 1);
  CHECK(tally.gathered().empty());  // not yet
  clock.advance(service::alert_silence);
  CHECK(tally.gathered() ==
        std::vector<std::string>{"alert: 49 more of \"foreign message\" within an hour of "
                                 "2026-11-22T04:11:22Z"});
  CHECK(tally.gathered().empty());
  CHECK(alerts("foreign message", 3) == 1);
  SECTION("at the next one, where nobody asked before") {
    clock.advance(service::alert_silence);
    CHECK(alerts("foreign message", 1) == 1);
    REQUIRE(tally.gathered().size() == 1);
  }
  SECTION("at the end of the program") {
    CHECK(tally.gathered(Tally::When::now).size() == 1);
  }
  SECTION("an alert under another name does not count here") {
    CHECK(tally.count({}, {"foreign message", "virus detection"}));
    clock.advance(service::alert_silence);
    CHECK(tally.gathered().front().starts_with("alert: 2 more of"));
  }
}

TEST_CASE("an item that is only counted raises no alert, and hides none") {
  Tally tally(fixed_clock());
  CHECK_FALSE(tally.count({}));
  CHECK_FALSE(tally.count({"To differs"}));
  CHECK(tally.count({"duplicate receipt"}, {"To differs"}));
  CHECK_FALSE(tally.count({}, {"To differs"}));
  CHECK(tally.count({"To differs"}, {"duplicate receipt"}));
}

TEST_CASE("counts are stored, and not lost when the ledger is away") {
  Tally tally(fixed_clock());
  MemoryLedger ledger;
  tally.count({"To differs", "duplicate envelope"});
  tally.count({"To differs"});
  ledger.down = true;
  CHECK_FALSE(tally.store(ledger, "mx1"));
  tally.count({"To differs"});
  ledger.down = false;
  CHECK(tally.store(ledger, "mx1"));
  CHECK(ledger.counts ==
        std::map<std::string, std::uint64_t>{{"To differs", 3}, {"duplicate envelope", 1}});
  CHECK(tally.store(ledger, "mx1"));
  CHECK(ledger.counts.at("To differs") == 3);
}

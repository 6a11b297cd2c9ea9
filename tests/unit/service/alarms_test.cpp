// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/alarms.hpp"

#include "support/test_clock.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

TEST_CASE("the first of a kind is told, and then how many more there were", "[rule:8.5]") {
  TestClock clock(Instant{std::chrono::hours{500'000}});
  service::Alarms alarms(clock);
  CHECK(alarms.tell({"a"}));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(alarms.tell({"a"}));
  CHECK(alarms.tell({"b"}));
  CHECK(alarms.gathered().empty());
  clock.advance(service::alert_silence);
  CHECK(alarms.gathered() ==
        std::vector<std::string>{"alert: 3 more of \"a\" within an hour of 2027-01-15T08:00:00Z"});
  CHECK(alarms.tell({"a"}));
}

TEST_CASE("names that are invented by the thousand are one in the end", "[rule:8.5]") {
  const TestClock clock;
  service::Alarms alarms(clock);
  std::size_t told = 0;
  for (int i = 0; i < 5000; ++i) told += alarms.tell({std::to_string(i)}) ? 1 : 0;
  CHECK(told == service::most_alarm_names + 1);
  CHECK_FALSE(alarms.tell({"0"}));
  const auto gathered = alarms.gathered(service::Alarms::When::now);
  REQUIRE(gathered.size() == 2);
  CHECK(gathered.back().starts_with("alert: 3999 more of \"other things\""));
}

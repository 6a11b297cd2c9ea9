// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/stamp.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <vector>

using namespace pec;

namespace {
Instant at(long long seconds) {
  return Instant(std::chrono::seconds(seconds));
}
}  // namespace

TEST_CASE("texts show legal time, with its offset and without a colon", "[rule:8.3]") {
  const LegalTime rome("Europe/Rome");
  const auto winter = rome.stamp(at(1795320682));
  CHECK(winter.date == "22/11/2026");
  CHECK(winter.time == "05:11:22");
  CHECK(winter.offset == "+0100");
  CHECK(winter.header == "Sun, 22 Nov 2026 05:11:22 +0100");

  const auto summer = rome.stamp(at(1783000800));
  CHECK(summer.date == "02/07/2026");
  CHECK(summer.time == "16:00:00");
  CHECK(summer.offset == "+0200");
}

TEST_CASE("a certified time is read back as the instant that it is", "[rule:8.3]") {
  const LegalTime rome("Europe/Rome");
  for (const long long seconds : {1795320682LL, 1783000800LL, 1792889999LL, 1792890000LL, 0LL}) {
    const auto stamp = rome.stamp(at(seconds));
    CHECK(instant_of(stamp.date, stamp.time, stamp.offset) == at(seconds));
  }
  CHECK(instant_of("22/11/2026", "05:11:22", "-0330") ==
        *instant_of("22/11/2026", "05:11:22", "+0000") + std::chrono::minutes(210));
  for (const auto& [date, time, offset] :
       std::vector<std::array<const char*, 3>>{{"", "", ""},
                                               {"2026-11-22", "05:11:22", "+0100"},
                                               {"31/11/2026", "05:11:22", "+0100"},
                                               {"22/13/2026", "05:11:22", "+0100"},
                                               {"22/11/2026", "25:11:22", "+0100"},
                                               {"22/11/2026", "05:11", "+0100"},
                                               {"22/11/2026", "05:1x:22", "+0100"},
                                               {"22/11/2026", "05:11:22", "+01:00"},
                                               {"22/11/2026", "05:11:22", "CET"}}) {
    INFO(date << " " << time << " " << offset);
    CHECK_FALSE(instant_of(date, time, offset));
  }
}

TEST_CASE("the hour that comes twice in autumn is told apart by its offset", "[rule:8.3]") {
  const LegalTime rome("Europe/Rome");
  const auto before = rome.stamp(at(1792889999));  // 2026-10-25 00:59:59 UTC
  const auto after = rome.stamp(at(1792890000));
  CHECK(before.time == "02:59:59");
  CHECK(before.offset == "+0200");
  CHECK(after.time == "02:00:00");
  CHECK(after.offset == "+0100");
}

TEST_CASE("offsets west of Greenwich and of half an hour are written in four digits") {
  CHECK(LegalTime("America/St_Johns").stamp(at(1795320682)).offset == "-0330");
  CHECK(LegalTime("Asia/Kolkata").stamp(at(1795320682)).offset == "+0530");
}

TEST_CASE("an unknown time zone stops the start with a sentence that says what to do") {
  REQUIRE_THROWS_WITH(LegalTime("Europe/Roma"),
                      Catch::Contains("Europe/Roma") && Catch::Contains("provider.time_zone"));
}

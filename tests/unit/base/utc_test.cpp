// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/utc.hpp"

#include <catch2/catch.hpp>

using namespace pec;

TEST_CASE("an instant is written in UTC, with all its digits") {
  const Instant at{std::chrono::seconds{1'767'330'123}};
  CHECK(utc_day(at) == "2026-01-02");
  CHECK(utc_time(at) == "2026-01-02T05:02:03Z");
  CHECK(utc_compact(at) == "20260102050203");
  CHECK(instant_of_utc("2026-01-02T05:02:03Z") == at);
  for (const auto* other : {"", "2026-01-02", "2026-01-02T05:02:03", "2026-01-02T05:02:03Z.",
                            "2026-02-30T05:02:03Z", "2026-01-02T5:02:03Z", " 2026-01-02T05:02:03Z"})
    CHECK_FALSE(instant_of_utc(other));
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/ids.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace pec;

TEST_CASE("PEC ids are alphanumerics and dots, and never repeat", "[rule:2.2.1]") {
  RandomIdSource ids;
  const Instant now{std::chrono::seconds{1795324282}};  // 2026-11-22 05:11:22 UTC
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(ids.next(now));
  REQUIRE(seen.size() == 1000);
  for (const auto& id : seen) {
    CHECK(id.starts_with("20261122051122."));
    CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.") == std::string::npos);
  }
}

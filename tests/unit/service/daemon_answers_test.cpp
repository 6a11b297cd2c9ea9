// SPDX-License-Identifier: GPL-2.0-or-later

// A real milter's answer is seen in tests/integration/watched_test.py.
#include "service/daemon_answers.hpp"

#include "support/fixed_answers.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::service;
using namespace pec::test;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Catch::Contains;

namespace {

const auto version_6 = "\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff"s;
const auto quit = "\0\0\0\x01Q"s;

}  // namespace

TEST_CASE("a milter that negotiates answers, and its session is ended") {
  const FixedAnswers milter(version_6);
  CHECK(ask_milter("unix:" + milter.path(), {20s}));
  CHECK(ask_milter("local:" + milter.path(), {20s}));
  CHECK(milter.asked() == version_6 + quit);
}

TEST_CASE("a milter that listens and does not negotiate does not answer") {
  SECTION("it hangs") {
    const FixedAnswers milter(std::nullopt);
    const auto result = ask_milter("unix:" + milter.path(), {50ms});
    REQUIRE_FALSE(result);
    CHECK_THAT(result.error().detail, Contains(milter.path()));
  }
  SECTION("it says something else") {
    const FixedAnswers milter("\0\0\0\x01r"s);
    const auto result = ask_milter("unix:" + milter.path(), {20s});
    REQUIRE_FALSE(result);
    CHECK_THAT(result.error().detail, Contains("no negotiation, but \"r\""));
  }
}

TEST_CASE("a milter's address may be one of TCP") {
  for (const auto* const socket : {"inet:1@127.0.0.1", "inet6:1@::1"}) {
    const auto result = ask_milter(socket, {5s});
    REQUIRE_FALSE(result);
    CHECK_THAT(result.error().detail, Contains("1:1: "));
  }
}

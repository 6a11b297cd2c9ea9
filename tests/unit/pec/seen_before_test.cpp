// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/seen_before.hpp"

#include "support/domain_fixtures.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

const std::string bruno = "Bruno@pec.beta.example", elena = "elena@pec.beta.example";
const std::string identity = "00112233445566778899aabbccddeeff";

SeenBefore seen(const std::vector<LoggedMessage>& logged, Instant now = morning) {
  return seen_before({bruno, elena}, identity, logged, now);
}

}  // namespace

TEST_CASE("who did not get it, and that was told, never gets it", "[rule:4]") {
  for (const auto now : {morning, morning + 2 * journal_memory}) {
    auto before = seen({{"bruno@pec.beta.example", identity, morning}}, now);
    before.note_failed_for(bruno);
    CHECK(before == SeenBefore{.failed_for = {bruno}});
    CHECK_FALSE(before.is_new_to(bruno));
    CHECK(before.is_new_to(elena));
  }
}

TEST_CASE("a message that the log doesn't know is new to all", "[rule:4]") {
  CHECK(seen({}) == SeenBefore{});
  CHECK(seen({{"fabio@pec.beta.example", identity, morning}}) == SeenBefore{});
  CHECK(SeenBefore{}.is_new_to(bruno));
}

TEST_CASE("the same message is known to those who got it, and to nobody else", "[rule:4]") {
  const auto before = seen({{"bruno@pec.beta.example", identity, morning}});
  CHECK(before == SeenBefore{{bruno}, {}, {}});
  CHECK_FALSE(before.is_new_to(bruno));
  CHECK(before.is_new_to(elena));
}

TEST_CASE("what the journal has forgotten, the log still knows", "[rule:4]") {
  const std::vector<LoggedMessage> logged{{"bruno@pec.beta.example", identity, morning}};
  CHECK(seen(logged, morning + journal_memory - std::chrono::seconds(1)) ==
        SeenBefore{{bruno}, {}, {}});
  CHECK(seen(logged, morning + journal_memory) == SeenBefore{{}, {bruno}, {}});
}

TEST_CASE("another message under the same id is another message", "[rule:4]") {
  CHECK(seen({{"bruno@pec.beta.example", "ff", morning}}) == SeenBefore{{}, {}, {bruno}});
}

TEST_CASE("a line about the message as a whole is about no recipient", "[rule:4]") {
  CHECK(seen({{"", identity, morning}}) == SeenBefore{});
}

TEST_CASE("a line of an earlier program, which knew no identity, says nothing", "[rule:4]") {
  CHECK(seen({{"bruno@pec.beta.example", "", morning}}) == SeenBefore{});
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/logins.hpp"

#include "pec/login_guard.hpp"
#include "unit/pecctl/support.hpp"

using namespace pec;
using namespace pec::pecctl;
using Catch::Contains;

namespace {

const std::string anna = "anna@pec.alfa.example", home = "192.0.2.1",
                  elsewhere = "2001:db8:1:2::/64";
const Instant now = test::morning + std::chrono::minutes{1};

struct KnownLogins : LedgerWorld {  // where anna has logged in from home
  KnownLogins() { REQUIRE(ledger->note_login({anna, home, test::morning}, true)); }

  void fail(const std::string& network, std::uint64_t times = 1) {
    for (std::uint64_t i = 0; i < times; ++i)
      REQUIRE(ledger->note_login({anna, network, test::morning}, false));
  }
  std::string list() const {
    return text_of(list_failed_logins(*ledger, LegalTime("Europe/Rome"), now));
  }
};

}  // namespace

TEST_CASE("wrong passwords are a line for each account and network that they count for") {
  KnownLogins world;
  CHECK(world.list().empty());
  world.fail(home);
  world.fail(elsewhere, 2);
  CHECK(world.list() ==
        "2026-11-22 05:11:22 +0100  -  2001:db8:1:2::/64  2 wrong passwords\n"
        "2026-11-22 05:11:22 +0100  anna@pec.alfa.example  -  2 wrong passwords\n"
        "2026-11-22 05:11:22 +0100  anna@pec.alfa.example  192.0.2.1  1 wrong passwords");
}

TEST_CASE("it is told who is refused, and until when") {
  KnownLogins world;
  world.fail(elsewhere, most_failures_of_account);
  CHECK_THAT(world.list(), Contains("anna@pec.alfa.example  -  20 wrong passwords  refused until "
                                    "2026-11-22 06:11:22 +0100"));
  world.fail(elsewhere, most_failures_of_network - most_failures_of_account);
  CHECK_THAT(world.list(), Contains("2001:db8:1:2::/64  50 wrong passwords  refused until "));
  world.fail(home, most_failures_at_known);
  CHECK_THAT(world.list(), Contains("192.0.2.1  100 wrong passwords  refused until "));
}

TEST_CASE(
    "an account is let in again, however it is written, or a network by one of its addresses") {
  KnownLogins world;
  world.fail(home);
  world.fail(elsewhere, 2);
  CHECK(text_of(forget_failed_logins(*world.ledger, "Anna@PEC.alfa.example", now)) ==
        "forgotten: anna@pec.alfa.example  -\nforgotten: anna@pec.alfa.example  192.0.2.1");
  const auto* network = GENERATE("2001:db8:1:2::/64", "2001:db8:1:2::7");
  CHECK(text_of(forget_failed_logins(*world.ledger, network, now)) ==
        "forgotten: -  2001:db8:1:2::/64");
  CHECK(world.list().empty());
}

TEST_CASE("an account without wrong passwords has nothing to forget") {
  KnownLogins world;
  world.fail(home);
  for (const auto* whose : {"", "bruno@pec.alfa.example", "198.51.100.1"})
    CHECK_THAT(forget_failed_logins(*world.ledger, whose, now).error().detail,
               Contains(std::string("no wrong password of \"") + whose + "\" counts now"));
  CHECK_THAT(world.list(), Contains(home));
}

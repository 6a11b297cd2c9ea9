// SPDX-License-Identifier: GPL-2.0-or-later

// Wrong passwords, and the networks from which accounts have logged in.
#include "unit/ledger/support.hpp"

using namespace pec;

namespace {

const std::string anna = "anna@alfa.example", home = "192.0.2.1", elsewhere = "198.51.100.7";

void note(ledger::SqlLedger& ledger, const std::string& account, const std::string& network,
          long long when, bool good) {
  REQUIRE(ledger.note_login({account, network, at(when)}, good));
}

}  // namespace

TEST_CASE("failures count for an hour that begins with the first, by account and by network") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  note(*ledger, anna, home, 1000, true);
  for (int i = 0; i < 3; ++i) note(*ledger, anna, elsewhere, 2000 + i, false);
  CHECK(ledger->login_facts({anna, elsewhere, at(2003)}) ==
        LoginFacts{.of_account = 3, .of_network = 3});
  CHECK(ledger->login_facts({"bruno@alfa.example", elsewhere, at(2003)}) ==
        LoginFacts{.of_network = 3});
  CHECK(ledger->login_facts({anna, elsewhere, at(2000 + 3600)}) == LoginFacts{});
  note(*ledger, anna, elsewhere, 2000 + 3600, false);
  CHECK(ledger->login_facts({anna, elsewhere, at(2000 + 3601)}) ==
        LoginFacts{.of_account = 1, .of_network = 1});
}

TEST_CASE("a network where the account logged in well is known for thirty days, and counts apart") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  constexpr long long day = 24 * 3600;
  note(*ledger, anna, home, 1000, true);
  note(*ledger, anna, elsewhere, 1001, false);
  note(*ledger, anna, home, 1002, false);
  CHECK(ledger->login_facts({anna, home, at(1003)}) == LoginFacts{.known = true, .at_known = 1});
  CHECK(ledger->login_facts({anna, elsewhere, at(1003)}) ==
        LoginFacts{.of_account = 1, .of_network = 1});
  CHECK(ledger->login_facts({anna, home, at(999 + 30 * day)})->known);
  CHECK_FALSE(ledger->login_facts({anna, home, at(1000 + 30 * day)})->known);
  note(*ledger, anna, home, 29 * day, true);
  CHECK(ledger->login_facts({anna, home, at(40 * day)})->known);
}

TEST_CASE("the wrong passwords that count now are listed, and can be forgotten line by line") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  note(*ledger, anna, home, 11'000, true);
  for (const auto& network : {home, elsewhere, elsewhere})
    note(*ledger, anna, network, 12'000, false);
  note(*ledger, "bruno@alfa.example", "192.0.2.9", 13'000, false);
  const ledger::FailedLogins of_account{anna, "", at(12'000), 2},
      of_network{"", elsewhere, at(12'000), 2}, at_home{anna, home, at(12'000), 1},
      of_another{"", "192.0.2.9", at(13'000), 1};
  CHECK(ledger->failed_logins(at(13'001)) ==
        std::vector{of_another, of_network, of_account, at_home});
  CHECK(ledger->failed_logins(at(12'000 + 3600)) == std::vector{of_another});
  REQUIRE(ledger->forget_failed_logins({of_account, at_home}));
  CHECK(ledger->failed_logins(at(13'001)) == std::vector{of_another, of_network});
  CHECK(ledger->login_facts({anna, home, at(13'001)}) == LoginFacts{.known = true});
  REQUIRE(ledger->forget_failed_logins({of_network}));
  CHECK(ledger->failed_logins(at(13'001)) == std::vector{of_another});
}

TEST_CASE("names that nobody has take no room") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  note(*ledger, "nobody@alfa.example", elsewhere, 1000, false);
  CHECK(ledger->login_facts({"nobody@alfa.example", home, at(1001)}) == LoginFacts{});
  CHECK(ledger->login_facts({"nobody@alfa.example", elsewhere, at(1001)}) ==
        LoginFacts{.of_network = 1});
}

// SPDX-License-Identifier: GPL-2.0-or-later

// The mail domains that we manage.
#include "unit/ledger/support.hpp"

using namespace pec;

using Domains = std::vector<ledger::ManagedDomain>;

TEST_CASE("domains are added and removed, and listed by name", "[rule:8.4]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(ledger->domains() == Domains{});
  const ledger::ManagedDomain town{"comune.example", "", at(100)},
      school{"scuola.example", "Due", at(100)};
  REQUIRE(ledger->add_domains({school, town}));
  CHECK(ledger->domains() == Domains{town, school});
  CHECK(open_ledger(database)->domains() == Domains{town, school});
  REQUIRE(ledger->remove_domains({town.name, "altro.example"}));
  CHECK(ledger->domains() == Domains{school});
}

TEST_CASE("a domain that is added again goes to the unit, and keeps its time") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(ledger->add_domains({{"comune.example", "", at(100)}}));
  REQUIRE(ledger->add_domains({{"comune.example", "Due", at(200)}}));
  CHECK(ledger->domains() == Domains{{"comune.example", "Due", at(100)}});
}

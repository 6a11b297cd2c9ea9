// SPDX-License-Identifier: GPL-2.0-or-later

// The history of domains: owner, domain, until when.
#include "unit/ledger/support.hpp"

#include <chrono>
#include <fmt/format.h>

using namespace pec;
using directory::FormerDomains;
using directory::OwnedDomains;
using std::chrono::days;

using History = std::vector<FormerDomains>;

namespace {

constexpr days remembered{7};
const Instant monday = at(1795324282), tuesday = monday + days(1);

const OwnedDomains before{{"pec alfa", {"a.example", "comune.example", "scuola.example"}},
                          {"pec beta", {"b.example"}},
                          {"pec gamma", {"g.example"}}};
const OwnedDomains after{{"pec alfa", {"a.example"}},
                         {"pec beta", {"b.example", "comune.example"}}};

const History lost_on_tuesday{{"pec alfa", tuesday, {"comune.example", "scuola.example"}},
                              {"pec gamma", tuesday, {"g.example"}}};

Result<History> take_up(ledger::SqlLedger& ledger, const OwnedDomains& owned, Instant as_of,
                        Instant now, days kept) {
  auto former = ledger.take_up({owned, {}}, as_of, now, kept);
  if (!former) return tl::unexpected(former.error());
  return former->domains;
}

// As of the same time.
Result<History> take_up(ledger::SqlLedger& ledger, const OwnedDomains& owned, Instant now) {
  return take_up(ledger, owned, now, now, remembered);
}

}  // namespace

TEST_CASE("lost domains are remembered, and all nodes and a restart know them", "[rule:4]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(take_up(*ledger, before, monday) == History{});  // the first: nobody has lost anything
  CHECK(take_up(*ledger, before, monday) == History{});
  CHECK(take_up(*ledger, after, tuesday) == lost_on_tuesday);

  SECTION("a second node that comes later changes nothing") {
    CHECK(take_up(*open_ledger(database), after, tuesday + days(1)) == lost_on_tuesday);
    CHECK(take_up(*ledger, after, tuesday + days(2)) == lost_on_tuesday);
  }
  SECTION("a change that came while all were stopped is seen at the start") {
    OwnedDomains changed = after;
    changed["pec beta"] = {"comune.example"};
    auto all = lost_on_tuesday;
    all.push_back({"pec beta", tuesday + days(3), {"b.example"}});
    CHECK(take_up(*open_ledger(database), changed, tuesday + days(3)) == all);
  }
  SECTION("it is remembered as long as is asked") {
    CHECK(take_up(*ledger, after, tuesday + days(7)) == lost_on_tuesday);
    CHECK(take_up(*ledger, after, tuesday + days(7) + std::chrono::seconds(1)) == History{});
    CHECK(take_up(*ledger, after, tuesday, tuesday + days(20), days(30)) == lost_on_tuesday);
  }
  SECTION("and goes with the next change after that") {
    REQUIRE(take_up(*ledger, before, tuesday + days(8)));
    CHECK(take_up(*ledger, before, monday, tuesday + days(8), days(300)) ==
          History{{"pec beta", tuesday + days(8), {"comune.example"}}});
  }
  SECTION("two changes in one second are both known") {
    REQUIRE(take_up(*ledger, before, tuesday));
    OwnedDomains none = after;
    none.erase("pec alfa");
    const auto all = take_up(*ledger, none, tuesday);
    REQUIRE(all);
    REQUIRE(all->front().provider == "pec alfa");
    CHECK(all->front().domains == std::vector<std::string>{"comune.example", "scuola.example",
                                                           "a.example", "comune.example",
                                                           "scuola.example"});
  }
}

TEST_CASE("the owner of a certificate is remembered like a domain's", "[rule:4]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto of = [](std::string name) {
    Provider owner;
    owner.name = name;
    owner.unit = "Unit 2";
    owner.mail_receipt = "ricevute@" + name;
    return owner;
  };
  const directory::OwnedCertificate first{"aa11", of("Alfa")}, second{"bb22", of("Beta")};
  const auto former = [&](std::vector<directory::OwnedCertificate> owned, Instant now) {
    return ledger->take_up({after, std::move(owned)}, now, now, remembered).value().certificates;
  };
  using Certificates = std::vector<directory::FormerCertificate>;
  CHECK(former({first, second}, monday).empty());
  CHECK(former({second}, tuesday) == Certificates{{first, tuesday}});
  CHECK(former({second}, tuesday + days(7)) == Certificates{{first, tuesday}});
  CHECK(former({second}, tuesday + days(8)).empty());
  CHECK(former({}, tuesday + days(9)) == Certificates{{second, tuesday + days(9)}});
  CHECK(former({first, second}, tuesday + days(10)).empty());  // back again
  CHECK(former({}, tuesday + days(11)).size() == 2);
  // Nothing is lost by a node that is behind.
  CHECK(ledger->take_up({after, {first}}, monday, tuesday + days(11), remembered)
            .value()
            .certificates.size() == 2);
}

TEST_CASE("a node that is behind takes nothing from anybody", "[rule:4]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database), late = open_ledger(database);
  REQUIRE(take_up(*ledger, before, monday));
  REQUIRE(take_up(*ledger, after, tuesday));
  CHECK(take_up(*late, before, monday, tuesday + days(1), remembered) == lost_on_tuesday);
  CHECK(take_up(*ledger, after, tuesday + days(2)) == lost_on_tuesday);
}

TEST_CASE("a directory that is known already, renewed, makes an old one old") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(take_up(*ledger, before, monday));
  REQUIRE(take_up(*ledger, before, tuesday));
  CHECK(take_up(*ledger, after, tuesday - std::chrono::seconds(1), tuesday, remembered) ==
        History{});
  CHECK(take_up(*ledger, after, tuesday) == lost_on_tuesday);
}

TEST_CASE("a history that can't be written is an error, and nothing is half remembered") {
  const TestDatabase database;
  const auto ledger = open_ledger(database, std::chrono::seconds(0));
  REQUIRE(take_up(*ledger, before, monday));
  {
    Neighbour neighbour(database);
    neighbour.take_write_lock();
    const auto failed = take_up(*ledger, after, tuesday);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().fault == Fault::unavailable);
    neighbour.run(
        "ROLLBACK");  // PostgreSQL lets a session that merely ends keep its locks for a moment
  }
  CHECK(take_up(*ledger, after, tuesday) == lost_on_tuesday);
}

// How fast: tests/bench/ledger_bench.cpp.
TEST_CASE("half a million domains, and a hundred thousand that change hands") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  std::vector<std::string> names;
  for (int n = 0; n < 500'000; ++n)
    names.push_back(fmt::format("comune-{:06}.provincia.example", n));
  OwnedDomains owned;
  for (std::size_t n = 0; n < names.size(); ++n)
    owned[fmt::format("provider {}", n / 12'500)].push_back(names[n]);
  const auto lost = [&](Instant now) {
    std::size_t count = 0;
    const auto former = take_up(*ledger, owned, now);
    REQUIRE(former);
    for (const auto& each : *former) count += each.domains.size();
    return count;
  };
  CHECK(lost(monday) == 0);
  for (int p = 0; p < 8; ++p) owned.erase(fmt::format("provider {}", p));
  CHECK(lost(tuesday) == 100'000);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldap_transaction.hpp"

#include "directory/directory_keeper.hpp"
#include "directory/ldif.hpp"
#include "support/results.hpp"
#include "support/slapd_process.hpp"
#include "unit/directory/directory_ldif.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::directory;
using namespace pec::test;
using Catch::Contains;

namespace {

const SystemClock system_clock;

std::string entry(const std::string& name, const std::string& unit,
                  const std::vector<std::string>& domains, const std::string& more = "") {
  static const auto certificate = make_identity({.common_name = "Alfa"}).certificate;
  static const auto renewed = make_identity({.common_name = "Beta"}).certificate;
  return ldif_of({.name = name,
                  .unit = unit,
                  .certificates = {name == "Alfa" ? &certificate : &renewed},
                  .domains = domains,
                  .more = more});
}

// Gives the server this content, as the user that runs it.
Result<void> make(const Slapd& slapd, const std::string& wanted_ldif) {
  const LdapServer server{.url = slapd.url(), .as_user = true};
  auto connection = value_of(LdapConnection::open(server));
  const auto held =
      value_of(connection.search("o=postacert", "provider", {LDAP_ALL_USER_ATTRIBUTES}));
  const auto base = value_of(connection.entry("o=postacert"));
  auto all = held.views;
  all.insert(all.end(), base.views.begin(), base.views.end());
  const auto wanted = value_of(parse_ldif(wanted_ldif));
  const auto changes = value_of(changes_between(all, wanted.entries));
  return LdapTransaction(connection).apply(changes);
}

bool certifies(const DirectoryKeeper& keeper, std::string_view domain) {
  return keeper.snapshot()->provider_of_domain(domain) != nullptr;
}

}  // namespace

TEST_CASE("a running directory takes up what a transaction has made", "[rule:8.4]") {
  const auto alfa = entry("Alfa", "", {"a.example", "b.example", "c.example"});
  const Slapd slapd(alfa);
  const auto keeper = value_of(DirectoryKeeper::open({.source = slapd.url()}, system_clock));

  REQUIRE(
      make(slapd, alfa + entry("Alfa", "Due", {"due.example"}) + entry("Beta", "", {"d.example"})));
  CHECK(keeper->refresh() == true);
  CHECK(certifies(*keeper, "due.example"));
  CHECK(certifies(*keeper, "d.example"));

  REQUIRE(make(slapd, alfa + entry("Beta", "", {"d.example", "due.example"})));
  CHECK(keeper->refresh() == true);
  CHECK(keeper->snapshot()->provider_of_domain("due.example")->name == "Beta");

  REQUIRE(make(slapd, alfa + entry("Beta", "", {"d.example", "due.example"})));
  CHECK(keeper->refresh() == false);
}

TEST_CASE("of a transaction that the server refuses nothing is made") {
  const auto alfa = entry("Alfa", "", {"a.example", "b.example"});
  const Slapd slapd(alfa);
  const auto more = entry("Alfa", "", {"a.example", "b.example", "c.example"});
  // A known attribute, but not allowed in this class: the error shows only at the end.
  const auto refused =
      error_of(make(slapd, more + entry("Beta", "", {"d.example"}, "telephoneNumber: 1\n")));
  CHECK(refused.fault == Fault::unavailable);
  CHECK_THAT(refused.detail,
             Contains("at entry \"providerName=Beta,o=postacert\", and nothing was changed"));
  const auto keeper = value_of(DirectoryKeeper::open({.source = slapd.url()}, system_clock));
  CHECK(certifies(*keeper, "a.example"));
  CHECK_FALSE(certifies(*keeper, "c.example"));
  CHECK_FALSE(certifies(*keeper, "d.example"));
}

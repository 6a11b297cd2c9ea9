// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/domain_history.hpp"

#include "base/clock.hpp"
#include "mime/digest.hpp"
#include "unit/directory/directory_ldif.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::directory;
using namespace pec::test;
using std::chrono::days;

TEST_CASE("the former owner of a domain speaks for it for some days more", "[rule:4]") {
  const auto yesterday = test_time - days(1), long_ago = test_time - days(8);
  const FormerOwners owners({{{"pec beta", long_ago, {"alt.example", "comune.example"}},
                              {"pec alfa", yesterday, {"comune.example", "scuola.example"}},
                              {"pec gamma", test_time - days(7), {"comune.example"}}},
                             {}},
                            days(7));
  CHECK(owners.has("PEC Alfa", "comune.example", test_time));
  CHECK(owners.has("pec alfa", "Comune.EXAMPLE", test_time));
  CHECK(owners.has("pec alfa", "scuola.example", test_time));
  CHECK(owners.has("pec gamma", "comune.example", test_time));
  CHECK_FALSE(owners.has("pec gamma", "comune.example", test_time + std::chrono::seconds(1)));
  CHECK_FALSE(owners.has("PEC Beta", "comune.example", test_time));
  CHECK(owners.has("PEC Beta", "comune.example", long_ago));
  CHECK(owners.has("PEC Beta", "comune.example", long_ago - days(100)));
  for (const auto* other : {"", "example", "x.comune.example", "comune.example.", "zzz.example"})
    CHECK_FALSE(owners.has("PEC Alfa", other, test_time));
  CHECK_FALSE(owners.has("PEC", "comune.example", test_time));
}

TEST_CASE("a domain lost twice counts from the last time") {
  const FormerOwners owners({{{"pec alfa", test_time - days(8), {"comune.example"}},
                              {"pec alfa", test_time - days(2), {"comune.example"}}},
                             {}},
                            days(7));
  CHECK(owners.has("PEC Alfa", "comune.example", test_time));
  CHECK_FALSE(FormerOwners().has("PEC Alfa", "comune.example", test_time));
}

TEST_CASE("a certificate that a provider has no more is its own for messages of then", "[rule:4]") {
  Provider beta;
  beta.name = "PEC Beta";
  beta.mail_receipt = "ricevute@pec.beta.example";
  const auto yesterday = test_time - days(1);
  const FormerOwners owners({{}, {{{mime::sha256_hex("beta's"), beta}, yesterday}}}, days(7));
  REQUIRE(owners.owner_of_certificate("beta's", yesterday - days(2)));
  CHECK(*owners.owner_of_certificate("beta's", yesterday) == beta);
  CHECK(owners.owner_of_certificate("beta's", yesterday + days(8)) == nullptr);
  CHECK(owners.owner_of_certificate("alfa's", yesterday) == nullptr);
  CHECK(FormerOwners().owner_of_certificate("beta's", yesterday) == nullptr);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/mailbox_report.hpp"
#include "unit/pecctl/support.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::pecctl;
using Catch::Contains;

TEST_CASE("a mailbox is ours if its domain is that of an entry of our name, in any case",
          "[rule:8.4]") {
  config::Config config;
  config.directory.source = "/var/lib/pec/directory.ldif";
  for (const std::string name : {"PEC Beta S.r.l.", "pec BETA s.r.l."}) {
    config.provider.name = name;
    CHECK(our_mailbox("Bruno@PEC.Beta.example", *test::directory(), config) ==
          "bruno@pec.beta.example");
    CHECK(our_mailbox("ugo@unit.beta.example", *test::directory(), config) ==
          "ugo@unit.beta.example");
    for (const auto& [address, why] :
         {std::pair("anna@pec.alfa.example", "is managed by \"PEC Alfa S.p.A.\""),
          std::pair("x@pec.gamma.example", "no provider in /var/lib/pec/directory.ldif manages"),
          std::pair("anna", "is not a mail address")}) {
      const auto other = our_mailbox(address, *test::directory(), config);
      REQUIRE_FALSE(other);
      CHECK_THAT(other.error().detail, Contains(why));
    }
  }
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/role.hpp"

#include "support/results.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;

TEST_CASE("a session's role is named by its service in master.cf") {
  for (const auto role :
       {Role::access, Role::incoming, Role::sieve, Role::receipts, Role::bounces}) {
    CHECK(role_of(daemon_name_of(role)) == role);
    CHECK(daemon_name_of(role) == "pec-" + std::string(name_of(role)));
  }
}

TEST_CASE("an unknown daemon name is refused, never guessed") {
  const std::string name = GENERATE("smtpd", "", "pec-", "pec-access2", "PEC-ACCESS", "access");
  const auto role = error_of(role_of(name));
  CHECK(role.fault == Fault::internal);
  CHECK_THAT(role.detail, Catch::Contains("milter_macro_daemon_name"));
  CHECK_THAT(role.detail, Catch::Contains("\"" + name + "\""));
}

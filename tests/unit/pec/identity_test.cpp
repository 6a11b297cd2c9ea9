// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/identity.hpp"

#include "support/domain_fixtures.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

TEST_CASE("bounces go to the postmaster of the domain, never to the service mailbox",
          "[rule:2.2.5]") {
  CHECK(operators_of(alfa) == "postmaster@pec.alfa.example");
  CHECK_FALSE(directory()->is_service_address(operators_of(alfa)));
}

TEST_CASE("an address is ours if our provider manages its domain, as any of its units",
          "[rule:4]") {
  CHECK(is_ours("anna@pec.alfa.example", *directory(), alfa));
  CHECK(is_ours("Anna@PEC.Alfa.example", *directory(), alfa));
  CHECK(is_ours("elena@unit.beta.example", *directory(), beta));  // whose entry is in lower case
  CHECK_FALSE(is_ours("anna@pec.alfa.example", *directory(), beta));
  for (const auto* other : {"dario@ordinaria.example", "anna@sub.pec.alfa.example", "anna", ""})
    CHECK_FALSE(is_ours(other, *directory(), alfa));
}

TEST_CASE("an address in a domain that went elsewhere lately was ours", "[rule:4]") {
  for (const auto* address : {"a@old.beta.example", "a@moved.beta.example"}) {
    CAPTURE(address);
    CHECK_FALSE(is_ours(address, *directory(), beta));
    CHECK(was_ours(address, *directory(), beta, morning));
  }
  CHECK(was_ours("a@moved.beta.example", *directory(), alfa, morning));
  CHECK(was_ours("bruno@pec.beta.example", *directory(), beta, morning));
  CHECK_FALSE(was_ours("a@old.beta.example", *directory(), alfa, morning));
  CHECK_FALSE(was_ours("bruno@pec.beta.example", *directory(), alfa, morning));
}

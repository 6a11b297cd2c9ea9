// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/our_entry.hpp"

#include "support/domain_fixtures.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::directory;
using namespace pec::test;

namespace {

OurEntry main_entry() {
  return {"PEC Beta S.r.l.", "", "pec.beta.example", "/etc/pec/beta.pem",
          "certificate of pec.beta.example"};
}

OurEntry unit_entry() {
  auto unit = main_entry();  // with the same certificate
  unit.unit = "Unit 2";
  unit.domain = "unit.beta.example";
  return unit;
}

std::string flaws(const std::vector<OurEntry>& all) {
  const auto checked = check_our_entries(all, *test::directory());
  return checked ? "" : checked.error().detail;
}

}  // namespace

TEST_CASE("a directory in which all of us is right is good", "[rule:8.4]") {
  CHECK(flaws({main_entry(), unit_entry()}) == "");
}

TEST_CASE("our domain must be that of an entry of our name and unit", "[rule:8.4]") {
  auto us = main_entry();
  const auto flaw = [](const std::string& domain) {
    return "no entry with providerName \"PEC Beta S.r.l.\" manages the domain " + domain +
           ": correct provider.name and provider.domain, or the directory";
  };
  us.domain = "pec.gone.example";
  CHECK(flaws({us}) == flaw("pec.gone.example"));
  us.domain = "pec.alfa.example";  // another provider's
  CHECK(flaws({us}) == flaw("pec.alfa.example"));
  us.domain = "unit.beta.example";  // a unit's
  CHECK(flaws({us}) == flaw("unit.beta.example"));

  auto unit = unit_entry();
  unit.domain = "pec.beta.example";
  CHECK(flaws({unit}) ==
        "no entry with providerName \"PEC Beta S.r.l.\" and providerUnit \"Unit 2\" manages the "
        "domain pec.beta.example: correct provider.name and unit.domain, or the directory");
}

TEST_CASE("our name and unit may be written in any case", "[rule:8.4]") {
  auto us = main_entry(), unit = unit_entry();
  us.provider = "pec BETA s.r.l.";
  unit.provider = "PEC BETA S.R.L.";
  unit.unit = "UNIT 2";
  CHECK(flaws({us, unit}) == "");
}

TEST_CASE("the certificate that we sign with must be in an entry of ours", "[rule:8.4]") {
  auto us = main_entry();
  const std::string flaw =
      "the certificate in /etc/pec/beta.pem is not in the entry of \"PEC Beta S.r.l.\": correct "
      "provider.certificate_file, or the directory";
  for (const auto* certificate : {"unknown", "certificate of pec.alfa.example"}) {
    us.certificate = certificate;
    CHECK(flaws({us}) == flaw);
  }
  us.certificate = "";  // its own fault is told elsewhere
  CHECK(flaws({us}) == "");
}

TEST_CASE("all that is wrong with us is said at once", "[rule:8.4]") {
  auto us = main_entry(), unit = unit_entry();
  us.certificate = "unknown";
  unit.domain = "unit9.beta.example";
  CHECK(flaws({us, unit}) == flaws({us}) + "; " + flaws({unit}));
}

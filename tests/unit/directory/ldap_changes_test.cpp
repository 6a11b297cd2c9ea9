// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldap_changes.hpp"

#include "directory/ldif.hpp"
#include "support/results.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <string>

using namespace pec;
using namespace pec::directory;
using namespace pec::test;
using Catch::Contains;

namespace {

const std::string base = "dn: o=postacert\nobjectClass: organization\no: postacert\n\n";
const std::string alfa =
    "dn: providerName=Alfa,o=postacert\nobjectClass: provider\nproviderName: Alfa\n"
    "mailReceipt: ricevute@mail.example\nproviderCertificate;binary:: QQ==\n"
    "managedDomains: a.example\nmanagedDomains: b.example\n\n";
const std::string unit =
    "dn: providerUnit=Due,providerName=Alfa,o=postacert\nobjectClass: provider\n"
    "providerName: Alfa\nproviderUnit: Due\nmanagedDomains: due.example\n\n";
const std::string beta =
    "dn: providerName=Beta,o=postacert\nobjectClass: provider\nproviderName: Beta\n"
    "managedDomains: c.example\n\n";

std::string with(std::string ldif, const std::string& from, const std::string& to) {
  const auto at = ldif.find(from);
  REQUIRE(at != std::string::npos);
  return ldif.replace(at, from.size(), to);
}

std::string in_words(const AttributeChange& change) {
  const char sign = change.kind == AttributeChange::Kind::add      ? '+'
                    : change.kind == AttributeChange::Kind::remove ? '-'
                                                                   : '=';
  std::string words = fmt::format(" {}{}", sign, change.name);
  for (const auto value : change.values) words += fmt::format(" {}", value);
  return words;
}

std::string in_words(const EntryChange& change) {
  if (change.kind == EntryChange::Kind::add) return fmt::format("add {}", change.dn);
  if (change.kind == EntryChange::Kind::remove)
    return fmt::format("remove {}{}", change.dn, change.of_family ? " (family)" : "");
  std::string words = fmt::format("modify {}:", change.dn);
  for (const auto& attribute : change.attributes) words += in_words(attribute);
  return words;
}

struct Outcome {
  std::vector<std::string> words;
  ChangeCount count;
};

Outcome changes(const std::string& held_ldif, const std::string& wanted_ldif) {
  const auto held = parse_ldif(held_ldif), wanted = parse_ldif(wanted_ldif);
  REQUIRE(held);
  REQUIRE(wanted);
  const auto found = changes_between(held->entries, wanted->entries);
  if (!found) FAIL(found.error().detail);
  Outcome outcome{{}, count(*found)};
  for (const auto& change : *found) outcome.words.push_back(in_words(change));
  return outcome;
}

using Words = std::vector<std::string>;

const std::string modify_alfa = "modify providerName=Alfa,o=postacert:";

}  // namespace

TEST_CASE("equal entries need no change, in any order and case") {
  CHECK(changes(base + alfa + unit + beta, beta + unit + alfa).words.empty());
  CHECK(changes(base + alfa, with(alfa, "a.example", "A.Example")).words.empty());
  CHECK(changes(base + alfa, with(alfa, "a.example", "a.example ")).words.empty());
  CHECK(changes(base + alfa, with(alfa, "b.example", "a.example\nmanagedDomains: b.example"))
            .words.empty());
  CHECK(changes(base + alfa, with(alfa, "managedDomains", "MANAGEDDOMAINS")).words.empty());
  CHECK(changes(base + alfa, with(alfa, "objectClass: p", "objectclass: P")).words.empty());
  CHECK(changes(base + alfa, with(alfa, "dn: providerName=Alfa,o", "dn: PROVIDERNAME=alfa, O"))
            .words.empty());
  CHECK(changes(base + alfa, with(alfa, "providerCertificate;binary", "providerCertificate"))
            .words.empty());
}

TEST_CASE("names that mean the same by RFC 4514 are the same") {
  const auto comma = with(alfa, "providerName=Alfa,", "providerName=Alfa\\, S.p.A.,");
  CHECK(changes(base + comma, with(alfa, "providerName=Alfa,", "providerName=Alfa\\2c S.p.A.,"))
            .words.empty());
}

TEST_CASE("domains come and go one by one") {
  const auto outcome = changes(base + alfa, with(alfa, "a.example", "n.example"));
  CHECK(outcome.words ==
        Words{modify_alfa + " -managedDomains a.example +managedDomains n.example"});
  CHECK(outcome.count.entries_changed == 1);
  CHECK(outcome.count.domains_added == 1);
  CHECK(outcome.count.domains_removed == 1);
}

TEST_CASE("a domain that is to go is named as the server has it") {
  const auto held = with(alfa, "a.example", "A.EXAMPLE");
  CHECK(changes(base + held, with(alfa, "managedDomains: a.example\n", "")).words ==
        Words{modify_alfa + " -managedDomains A.EXAMPLE"});
}

TEST_CASE("any other attribute is replaced whole") {
  CHECK(changes(base + alfa, with(alfa, "ricevute@mail", "Ricevute@mail")).words ==
        Words{modify_alfa + " =mailReceipt Ricevute@mail.example"});
  CHECK(changes(base + alfa,
                with(alfa, "mailReceipt", "providerCertificate;binary:: Qg==\nmailReceipt"))
            .words == Words{modify_alfa + " =providerCertificate A B"});
}

TEST_CASE("attributes come, and go, whatever their names") {
  const auto more = with(alfa, "mailReceipt", "description: sede\nmailReceipt");
  CHECK(changes(base + alfa, more).words == Words{modify_alfa + " +description sede"});
  CHECK(changes(base + more, alfa).words == Words{modify_alfa + " =description"});
}

TEST_CASE("an entry may leave out the attributes of its name") {
  const auto brief = with(unit, "providerUnit: Due\n", "");
  CHECK(changes(base + alfa + unit, alfa + brief).words.empty());
}

TEST_CASE("parents come first, and children go first") {
  const auto come = changes(base, unit + beta + alfa);
  CHECK(come.words == Words{"add providerName=Alfa,o=postacert",
                            "add providerName=Beta,o=postacert",
                            "add providerUnit=Due,providerName=Alfa,o=postacert"});
  CHECK(come.count.entries_added == 3);
  CHECK(come.count.domains_added == 4);
  const auto go = changes(base + alfa + unit + beta, beta);
  CHECK(go.words == Words{"remove providerUnit=Due,providerName=Alfa,o=postacert (family)",
                          "remove providerName=Alfa,o=postacert (family)"});
  CHECK(go.count.entries_removed == 2);
  CHECK(go.count.domains_removed == 3);
}

TEST_CASE("a unit that goes alone is of a family, a provider without units is not") {
  CHECK(changes(base + alfa + unit + beta, alfa + beta).words ==
        Words{"remove providerUnit=Due,providerName=Alfa,o=postacert (family)"});
  CHECK(changes(base + alfa + unit + beta, alfa).words ==
        Words{"remove providerUnit=Due,providerName=Alfa,o=postacert (family)",
              "remove providerName=Beta,o=postacert"});
}

TEST_CASE("entries are added before others are removed") {
  const auto outcome = changes(base + alfa + beta, with(alfa, "a.example", "c.example") + unit);
  CHECK(outcome.words == Words{modify_alfa + " -managedDomains a.example +managedDomains c.example",
                               "add providerUnit=Due,providerName=Alfa,o=postacert",
                               "remove providerName=Beta,o=postacert"});
}

TEST_CASE("a value that is written twice is sent once") {
  const auto ldif = parse_ldif(with(alfa, "b.example", "A.example"));
  const auto found = value_of(changes_between({}, ldif->entries));
  const auto& attributes = found.back().attributes;
  CHECK(std::count(attributes.begin(), attributes.end(),
                   AttributeChange{AttributeChange::Kind::add, "managedDomains", {"a.example"}}) ==
        1);
}

TEST_CASE("a missing base entry is made, and none is ever removed") {
  CHECK(changes("", beta).words == Words{"add o=postacert", "add providerName=Beta,o=postacert"});
  CHECK(changes("", base + beta).words ==
        Words{"add o=postacert", "add providerName=Beta,o=postacert"});
  CHECK(changes(base + beta, beta).words.empty());
}

TEST_CASE("the base entry changes if the directory says what it is") {
  const auto url = with(base, "o: postacert", "o: postacert\nLDIFLocationURL: https://i.example/a");
  CHECK(changes(base + beta, url + beta).words ==
        Words{"modify o=postacert: +LDIFLocationURL https://i.example/a"});
  CHECK(changes(url + beta, beta).words.empty());
}

TEST_CASE("entries that can't be told apart are refused") {
  const auto refusal = [](const std::string& ldif) {
    const auto wanted = parse_ldif(ldif);
    const auto found = error_of(changes_between({}, wanted->entries));
    CHECK(found.fault == Fault::bad_input);
    return found.detail;
  };
  CHECK_THAT(refusal(beta + with(beta, "providerName=Beta", "providername=BETA")),
             Contains("entry \"providername=BETA,o=postacert\" is there twice"));
  CHECK_THAT(refusal(with(beta, "providerName=Beta", "Beta")),
             Contains("\"Beta,o=postacert\" is not the name of an entry"));
  CHECK_THAT(refusal(with(beta, "dn: providerName=Beta,o=postacert", "dn:: bz1hAGI=")),
             Contains("\"o=a?b\" is not the name of an entry"));
}

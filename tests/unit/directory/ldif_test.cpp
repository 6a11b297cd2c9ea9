// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldif.hpp"

#include "directory/provider_dn.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

using namespace pec;
using namespace pec::directory;
using namespace pec::test;

namespace {

std::string error_of(std::string_view text) {
  const auto ldif = test::error_of(parse_ldif(text));
  CHECK(ldif.fault == Fault::bad_input);
  return ldif.detail;
}

// "name=value|name=value" of one entry.
std::string flat(const EntryView& entry) {
  std::string out;
  for (const auto& [name, value] : entry.attributes)
    out.append(out.empty() ? "" : "|").append(name).append("=").append(value);
  return out;
}

}  // namespace

TEST_CASE("LDIF entries are read with folds, base64, comments and options", "[rule:8.4]") {
  const auto ldif = parse_ldif(
      "# a comment\n"
      " that goes on\n"
      "version: 1\n"
      "\n"
      "dn: o=postacert\n"
      "o: postacert\n"
      "description:\n"
      " folded after the\n"
      "  colon\n"
      "# a comment inside\n"
      "empty:\n"
      "\n\n\n"
      "dn:: cHJvdmlkZXJOYW1lPVjDqCxvPXBvc3RhY2VydA==\n"
      "providerCertificate;binary:: AAEC\n"
      " Aw==\n"
      "providerName: X\xc3\xa8");  // no line end
  REQUIRE(ldif);
  REQUIRE(ldif->entries.size() == 2);
  CHECK(ldif->entries[0].dn == "o=postacert");
  CHECK(flat(ldif->entries[0]) == "o=postacert|description=folded after the colon|empty=");
  CHECK(ldif->entries[1].dn == "providerName=X\xc3\xa8,o=postacert");
  REQUIRE(ldif->entries[1].attributes.size() == 2);
  CHECK(ldif->entries[1].attributes[0].name == "providerCertificate");
  CHECK(ldif->entries[1].attributes[0].value == std::string_view("\0\1\2\3", 4));
  CHECK(ldif->entries[1].attributes[1].value == "X\xc3\xa8");
}

TEST_CASE("LDIF with CRLF line ends says the same") {
  const auto ldif = value_of(
      parse_ldif("version: 1\r\ndn: a=1\r\nx: fol\r\n ded\r\nb:: AA\r\n E=\r\n\r\n# end\r\n\r\ndn: "
                 "a=2\r\ny: z\r\n"));
  REQUIRE(ldif.entries.size() == 2);
  CHECK(ldif.entries[0].dn == "a=1");
  CHECK(flat(ldif.entries[0]) == std::string("x=folded|b=\0\1", 13));
  CHECK(flat(ldif.entries[1]) == "y=z");
}

TEST_CASE("LDIF without entries is empty, not an error") {
  for (const auto* text : {"", "\n\n", "# only a comment\n", "version: 1\n\n# nothing\n"}) {
    const auto ldif = value_of(parse_ldif(text));
    CHECK(ldif.entries.empty());
  }
}

TEST_CASE("an LDIF error names the line of the file, folds and comments counted") {
  CHECK(error_of("# one\n two\ndn: a=1\nx: fol\n ded\nnonsense\n") ==
        "line 6: not \"name: value\"");
  CHECK(error_of("dn: a=1\nx:: @@@@\n") == "line 2: a value that is not base64");
  CHECK(error_of("dn: a=1\nx:: AAE\n") == "line 2: a value that is not base64");
  CHECK(error_of("dn: a=1\n: x\n") == "line 2: not the name of an attribute");
  CHECK(error_of("dn: a=1\nx y: z\n") == "line 2: not the name of an attribute");
  CHECK(error_of("x: y\n") == "line 1: a record that does not begin with its dn");
  CHECK(error_of("dn: a=1\n\nversion: 1\n") == "line 3: a record that does not begin with its dn");
  CHECK(error_of("version: 2\n") == "line 1: a version other than 1");
  CHECK(error_of("dn: a=1\nx: y\ndn: a=2\n") ==
        "line 3: a second dn in one record: an empty line is missing");
  CHECK(error_of("dn: a=1\nchangetype: delete\n") ==
        "line 2: a change record: only content is accepted");
  CHECK(error_of(std::string_view("dn: a=1\nx: \0y\n", 14)) == "line 2: a NUL byte: not LDIF text");
}

TEST_CASE("LDIF never makes us read another file") {
  CHECK(error_of("dn: a=1\nx:< file:///etc/hostname\n") ==
        "line 2: a value given as URL: give the value itself");
  CHECK(error_of("dn: a=1\nx:\n < file:///etc/hostname\n").starts_with("line 2: a value given"));
  CHECK(error_of("dn:< file:///etc/hostname\n").starts_with("line 1: a value given"));
  CHECK(error_of("include: file:///etc/hostname\n").starts_with("line 1: a record that does not"));
  const auto harmless = value_of(parse_ldif("dn: a=1\nx: < file:///etc/hostname\ny: a:<b\n"));
  CHECK(flat(harmless.entries.at(0)) == "x=< file:///etc/hostname|y=a:<b");
}

TEST_CASE("LDIF cut off or altered anywhere is read or refused, and nothing else") {
  const std::string good =
      "version: 1\r\n\r\ndn: a=1\nx:: AAEC\n Aw==\n# c\n d\ny;z: w\n\ndn:: YT0y\n";
  REQUIRE(parse_ldif(good));
  int refused = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (!parse_ldif(std::string_view(good).substr(i))) ++refused;
    if (!parse_ldif(std::string_view(good).substr(0, i))) ++refused;
    for (const char c : {'\n', ' ', ':', '\r', '#', '<', '\xff'}) {
      auto altered = good;
      altered[i] = c;
      if (!parse_ldif(altered)) ++refused;
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("entries written as LDIF read the same, in lines of ASCII", "[rule:8.4]") {
  const std::string binary("\0\1\xff\n", 4), long_text(300, 'x');
  const std::vector<EntryView> entries{
      {"o=postacert", {{"o", "postacert"}, {"description", " blank and colon: < "}}},
      {"providerName=X\xc3\xa8,o=postacert",
       {{"providerCertificate", binary}, {"managedDomains", long_text}, {"empty", ""}}}};
  const auto text = format_ldif(entries);
  const auto read = value_of(parse_ldif(text));
  REQUIRE(read.entries.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(read.entries[i].dn == entries[i].dn);
    CHECK(flat(read.entries[i]) == flat(entries[i]));
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.size() <= 76);
    for (const char c : line) CHECK((c >= ' ' && c <= '~'));
  }
}

TEST_CASE("an entry's name is escaped as LDAP wants it", "[rule:8.4]") {
  CHECK(provider_dn("PEC Alfa S.p.A.", "") == "providerName=PEC Alfa S.p.A.,o=postacert");
  CHECK(provider_dn("PEC Alfa", "Unit 2") ==
        "providerUnit=Unit 2,providerName=PEC Alfa,o=postacert");
  CHECK(provider_dn(" Alfa, \"B\" + C", "") ==
        "providerName=\\20Alfa\\2C \\22B\\22 \\2B C,o=postacert");
}

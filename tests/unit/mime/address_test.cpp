// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/address.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace pec::mime;

namespace {

// "name|address" for each, joined by commas.
std::string read(std::string_view raw_value) {
  std::string out;
  for (const Address& each : parse_addresses(raw_value))
    out += (out.empty() ? "" : ",") + each.display_name + '|' + each.address;
  return out;
}

}  // namespace

TEST_CASE("address lists are read in all the forms that mail has", "[rfc5322]") {
  struct Row {
    const char* raw;
    const char* expected;
  };
  const Row rows[] = {
      {" bob@beta.example", "|bob@beta.example"},
      {" <bob@beta.example>", "|bob@beta.example"},
      {" Bob <Bob@Beta.example>, \"Rossi, Anna\" <anna@alfa.example>",
       "Bob|Bob@Beta.example,Rossi, Anna|anna@alfa.example"},
      {" Bob <bob@beta.example>,\r\n\tanna@alfa.example",
       "Bob|bob@beta.example,|anna@alfa.example"},
      {" bob@beta.example (Bob)", "Bob|bob@beta.example"},
      {" bob (not Anna (really)) @ beta . example", "not Anna (really)|bob@beta.example"},
      {" \"Anna \\\"A\\\" Rossi\" <anna@alfa.example> (home)",
       "Anna \"A\" Rossi|anna@alfa.example"},
      {" =?utf-8?q?Nicol=C3=B2?= <n@alfa.example>", "Nicol\xc3\xb2|n@alfa.example"},
      {" \"=?iso-8859-1?Q?Nicol=F2?=\" <n@alfa.example>", "Nicol\xc3\xb2|n@alfa.example"},
      {" Nicol\xf2 <n@alfa.example>", "Nicol\xc3\xb2|n@alfa.example"},
      {" \"Per conto di: anna@alfa.example\" <posta-certificata@alfa.example>",
       "Per conto di: anna@alfa.example|posta-certificata@alfa.example"},
      {" Team: bob@beta.example, Anna <anna@alfa.example>;, c@alfa.example",
       "|bob@beta.example,Anna|anna@alfa.example,|c@alfa.example"},
      {" undisclosed-recipients:;", ""},
      {"", ""},
      {" , ,, ", ""},
      {" \"a b\"@alfa.example", "|\"a b\"@alfa.example"},
      {" \"a@,<b\"@alfa.example", "|\"a@,<b\"@alfa.example"},
      {" a@xn--caff-8oa.example", "|a@xn--caff-8oa.example"},
      {" a@beta.example <b@beta.example>", "a@beta.example|b@beta.example"},
      // Broken ones: nothing is dropped, nothing made valid that is not.
      {" a@beta.example b@beta.example", "|a@beta.example b@beta.example"},
      {" <a@beta.example> <b@beta.example>", "|a@beta.example,|b@beta.example"},
      {" <a@beta.example> rest", "|a@beta.example,|rest"},
      {" <a@beta.example", "|a@beta.example"},
      {" a <b <c@beta.example>", "a|b,|c@beta.example"},
      {" Bob <>", "Bob|"},
      {" garbage a@beta.example", "|garbage a@beta.example"},
      {" \"never closed <a@beta.example>", "|\"never closed <a@beta.example>"},
      {" (never closed a@beta.example", ""},
      {" Rossi, Anna <anna@alfa.example>", "|Rossi,Anna|anna@alfa.example"},
      {" a@caff\xe8.example", "|a@caff\xc3\xa8.example"},
      {" a\x01@beta.example\r\nX y", "|a @beta.example X y"},
  };
  for (const Row& row : rows) {
    INFO(row.raw);
    CHECK(read(row.raw) == row.expected);
  }
}

TEST_CASE("a From field with one address and something unreadable has not one address",
          "[rule:3.1.1]") {
  for (const char* raw : {" a@alfa.example, <", " a@alfa.example, @@", " a@alfa.example x",
                          " <a@alfa.example> b", " a@alfa.example, b"}) {
    INFO(raw);
    const auto all = parse_addresses(raw);
    CHECK_FALSE((all.size() == 1 && is_valid_address(all.front().address)));
  }
}

TEST_CASE("an address is valid if it could stand in an SMTP envelope", "[rule:3.1.1]") {
  const std::string label(63, 'a');
  for (const std::string& good :
       {std::string("anna@alfa.example"), std::string("a.b-c+d_e=f/g@pec.alfa.example"),
        std::string("'o@alfa.example"), std::string("\"a b\"@alfa.example"),
        std::string("\"a\\\"@b\"@alfa.example"), std::string("a@xn--caff-8oa.example"),
        std::string("a@1.2.3.example"), std::string("a@3com.example"),
        std::string(64, 'a') + "@alfa.example", "a@" + label + ".example"}) {
    INFO(good);
    CHECK(is_valid_address(good));
  }
  for (const std::string& bad :
       {std::string(""),
        std::string("@"),
        std::string("anna"),
        std::string("anna@"),
        std::string("@alfa.example"),
        std::string("anna@alfa"),
        std::string("a@b@alfa.example"),
        std::string("a..b@alfa.example"),
        std::string(".a@alfa.example"),
        std::string("a.@alfa.example"),
        std::string("a@alfa..example"),
        std::string("a@.alfa.example"),
        std::string("a@alfa.example."),
        std::string("a@-alfa.example"),
        std::string("a@alfa-.example"),
        std::string("a@al_fa.example"),
        std::string("a@[1.2.3.4]"),
        std::string("a@[IPv6:2001:db8::1]"),
        std::string("a@1.2.3.4"),
        std::string("a b@alfa.example"),
        std::string("a @alfa.example"),
        std::string("<a@alfa.example>"),
        std::string("a@alfa.example "),
        std::string("a\n@alfa.example"),
        std::string("\"a\n\"@alfa.example"),
        std::string("\"a@alfa.example"),
        std::string("\"a\"b\"@alfa.example"),
        std::string("\"a\\\"@alfa.example"),
        std::string("\"@alfa.example"),
        std::string("perch\xc3\xa9@alfa.example"),
        std::string("a@citt\xc3\xa0.example"),
        std::string("a(b)@alfa.example"),
        std::string(65, 'a') + "@alfa.example",
        "a@" + label + "a.example",
        "a@" + label + "." + label + "." + label + "." + label + ".example",
        std::string("a\0@alfa.example", 15)}) {
    INFO(bad);
    CHECK_FALSE(is_valid_address(bad));
  }
}

TEST_CASE("addresses are compared without regard to case", "[rule:3.1.1]") {
  CHECK(same_address("Bob@X.example", "bob@x.EXAMPLE"));
  CHECK(same_address("\"bob\"@x.example", "bob@x.example"));
  CHECK(same_address("\"b\\ob\"@x.example", "bob@x.example"));
  CHECK_FALSE(same_address("\"b b\"@x.example", "bb@x.example"));
  CHECK_FALSE(same_address("bob@x.example", "bob@y.example"));
  CHECK_FALSE(same_address("bob@x.example", "bob"));
  CHECK(canonical_address("\"A B\"@X.example") == "\"a b\"@x.example");
  CHECK(canonical_address("A.B@X.example") == "a.b@x.example");
  CHECK(canonical_address("") == "");
}

TEST_CASE("needless quotes and backslashes mean nothing to what an address is", "[rule:4]") {
  CHECK(canonical_address("\"Bob\"@x.example") == "bob@x.example");
  CHECK(canonical_address("\"b\\ b\"@x.example") == "\"b b\"@x.example");
  CHECK(canonical_address("\"b\\\"b\"@x.example") == "\"b\\\"b\"@x.example");
  CHECK(canonical_address("\"b\\\\b\"@x.example") == "\"b\\\\b\"@x.example");
  CHECK(canonical_address("\"b..b\"@x.example") == "\"b..b\"@x.example");
}

TEST_CASE("an address of the envelope is plain, or it is refused", "[rule:4]") {
  const auto plain = [](std::string_view written) {
    return plain_address(written).value_or("none");
  };
  CHECK(plain("Bob.B+c@X.example") == "Bob.B+c@X.example");
  CHECK(plain("\"Bob\"@X.example") == "Bob@X.example");
  CHECK(plain("\"B\\ob\"@X.example") == "Bob@X.example");
  CHECK(plain("\"b\\ b\"@x.example") == "\"b b\"@x.example");
  CHECK(plain("a%b@x.example") == "a%b@x.example");
  CHECK(plain("x.example!a@x.example") == "x.example!a@x.example");
  CHECK(plain("a@[127.0.0.1]") == "a@[127.0.0.1]");
  CHECK(plain("a@[IPv6:::1]") == "a@[IPv6:::1]");
  CHECK(plain(std::string(65, 'a') + "@localhost") == std::string(65, 'a') + "@localhost");
  for (const char* const written : {"",
                                    "bob",
                                    "bob@",
                                    "@x.example",
                                    "bob@x.example.",
                                    "bob@.x",
                                    "bob@x..y",
                                    "b(c)ob@x.y",
                                    "(c)bob@x.y",
                                    "bob@x.y(c)",
                                    "@a:bob@x.y",
                                    "@a,@b:bob@x.y",
                                    "bob@x.y,",
                                    "bob@x.y;",
                                    "b\\ob@x.y",
                                    "bob@\"x.y\"",
                                    " bob@x.y",
                                    "bob@x.y ",
                                    "bob @x.y",
                                    "bob@ x.y",
                                    "\"bob@x.y\"",
                                    "bob@x@x.y",
                                    "<bob@x.y>",
                                    "Bob <bob@x.y>",
                                    "x:bob@x.y;",
                                    "b\"o\"b@x.y",
                                    "\"bob@x.y",
                                    "bob\"@x.y",
                                    "\"\"@x.y",
                                    "b..b@x.y",
                                    ".b@x.y",
                                    "b.@x.y",
                                    "b\xc3\xb3@x.y",
                                    "b@x\xc3\xb3.y",
                                    "bob@[]",
                                    "bob@[a",
                                    "bob@[a b]",
                                    "\"a@b\"@x.y",
                                    "bob\t@x.y",
                                    "bob@x.y\r"}) {
    INFO(written);
    CHECK_FALSE(plain_address(written));
  }
}

TEST_CASE("an address that has lost its quotes gets them again") {
  CHECK(with_quotes("bob@x.example") == "bob@x.example");
  CHECK(with_quotes("b b@x.example") == "\"b b\"@x.example");
  CHECK(with_quotes("b..b@x.example") == "\"b..b\"@x.example");
  CHECK(with_quotes("\"b\\@x.example") == "\"\\\"b\\\\\"@x.example");
  CHECK(with_quotes("a@b@x.example") == "\"a@b\"@x.example");
  CHECK(with_quotes("bob") == "bob");
  CHECK(with_quotes("") == "");
}

TEST_CASE("domain and local part are divided by the last @") {
  CHECK(domain_of("\"a@b\"@alfa.example") == "alfa.example");
  CHECK(local_part_of("\"a@b\"@alfa.example") == "\"a@b\"");
  CHECK(domain_of("nobody") == "");
  CHECK(local_part_of("nobody") == "");
  CHECK(domain_of("a@") == "");
}

TEST_CASE("names as careless clients write them are not other addresses", "[rule:4]") {
  const auto address_in = [](std::string_view value) {
    const auto read = read_plain_addresses(value);
    return read && read->size() == 1 ? read->front().address : std::string();
  };
  CHECK(address_in("anna@x.example <anna@x.example>") == "anna@x.example");
  CHECK(address_in("Anna@X.example <anna@x.example>") == "anna@x.example");
  CHECK(address_in("eva@x.example <anna@x.example>") == "");
  CHECK(address_in("Anna anna@x.example <anna@x.example>") == "");
  CHECK(address_in("Niccol\xc3\xb2 <anna@x.example>") == "anna@x.example");
  CHECK(address_in("\"Niccol\xf2, Anna\" <anna@x.example>") == "anna@x.example");
  CHECK(address_in("anna@x.exampl\xe8") == "");
}

TEST_CASE("the lenient reader reads plain addresses alike", "[rule:4]") {
  // clang-format off
  const std::vector<std::string> pieces{
      "a", "a@x.example", "<a@x.example>", "@", "<", ">", ",", ";", ":", "(", ")", "\"",
      "\\", " ", "\t", "\r\n ", ".", "[1.2.3.4]", "=?utf-8?q?=C3=A8?=", "\"a, b\"",
      "\"c\"@x.example", "\xe8", "a@x.example <a@x.example>"};
  // clang-format on
  std::mt19937 random(1);
  std::size_t plain = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string value;
    for (auto n = random() % 7; n > 0; --n) value += pieces[random() % pieces.size()];
    const auto read = read_plain_addresses(value);
    if (!read) continue;
    ++plain;
    const auto lenient = parse_addresses(value);
    CAPTURE(value);
    REQUIRE(read->size() == lenient.size());
    REQUIRE(std::equal(read->begin(), read->end(), lenient.begin(), [](auto& a, auto& b) {
      return a.address == b.address &&
             pec::text::trim(a.display_name) == pec::text::trim(b.display_name);
    }));
  }
  CHECK(plain > 1'000);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/original_fields.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using Names = std::vector<std::string>;

namespace {

mime::HeaderList header_of(const std::vector<std::pair<std::string, std::string>>& fields) {
  mime::HeaderList header;
  for (const auto& [name, value] : fields) header.add_raw(name, " " + value);
  return header;
}

OriginalFields read(const std::vector<std::pair<std::string, std::string>>& fields) {
  return read_original(header_of(fields));
}

Names addresses_of(const std::vector<mime::Address>& all) {
  Names addresses;
  for (const auto& each : all) addresses.push_back(each.address);
  return addresses;
}

}  // namespace

TEST_CASE("the addresses of all fields of a name are read, in order", "[rule:2][rule:3.1.1]") {
  const auto fields = read({{"From", "Anna <a@x.example>"},
                            {"to", "b@x.example, \"C, c\" <c@x.example>"},
                            {"Cc", "d@x.example"},
                            {"TO", "e@x.example"},
                            {"Reply-To", "f@x.example"}});
  CHECK(addresses_of(fields.from) == Names{"a@x.example"});
  CHECK(addresses_of(fields.to) == Names{"b@x.example", "c@x.example", "e@x.example"});
  CHECK(addresses_of(fields.cc) == Names{"d@x.example"});
  CHECK(addresses_of(fields.reply_to) == Names{"f@x.example"});
  CHECK(fields.repeated == Names{"TO"});
}

TEST_CASE("of date, Message-ID and subject the first field counts", "[rule:2][rule:3.1.1]") {
  const auto fields = read({{"Subject", "=?utf-8?q?Citt=C3=A0?="},
                            {"subject", "b"},
                            {"Date", "one\r\n two"},
                            {"Date", "three"},
                            {"Date", "four"},
                            {"Message-ID", "<1@c>"},
                            {"Message-Id", "<2@c>"}});
  CHECK(fields.subject == "Citt\xc3\xa0");
  CHECK(fields.date == "one two");
  CHECK(fields.message_id == "<1@c>");
  CHECK(fields.repeated == Names{"subject", "Date", "Message-Id"});
  const auto none = read({{"X-A", "x"}, {"X-A", "x"}});
  CHECK_FALSE(none.date);
  CHECK_FALSE(none.message_id);
  CHECK(none.repeated.empty());
  CHECK(read({{"Date", ""}}).date == "");
}

TEST_CASE("one Bcc with a value is found among empty ones", "[rule:2][rule:3.1.1]") {
  CHECK_FALSE(read({{"Bcc", ""}, {"BCC", "\r\n "}}).has_bcc_value);
  CHECK(read({{"Bcc", ""}, {"BCC", "a@x.example"}}).has_bcc_value);
}

TEST_CASE("fields that are not clean or not surely whole are named, each once",
          "[rule:2][rule:3.1.1]") {
  const auto fields = read({{"X-A", "\x01"},
                            {"x-a", "\xe8"},
                            {"X-\x01", "x"},
                            {"X-Folded", "a\r\n\tb"},
                            {"X-Bare", "a\r\nb"},
                            {"X-Short", std::string(surely_whole - 2, 'x')},
                            {"X-Long", std::string(surely_whole - 1, 'x')}});
  CHECK(fields.unclean == Names{"X-A", "X-?", "X-Bare"});
  CHECK(fields.oversized == Names{"X-Long"});
}

TEST_CASE("a Message-ID is taken out of the blanks and comments around it (RFC 5322, 3.6.4)",
          "[rule:2][rule:3.1.1]") {
  for (const auto* written : {"<1@c>", " <1@c> ", "(a (b)) <1@c> (c)"})
    CHECK(message_id_in(written) == "<1@c>");
  for (const auto* other : {"", "1@c", "<1@c", "<1@c> x", "<1@c> <2@c>", "x <1@c>"})
    CHECK(message_id_in(other) == other);
}

TEST_CASE("a Message-ID can be repeated on one line of a receipt", "[rule:2][rule:3.1.1]") {
  const std::size_t room = 998 - std::string("X-Riferimento-Message-ID: ").size();
  CHECK(is_message_id("<" + std::string(room - 2, 'x') + ">"));
  CHECK_FALSE(is_message_id("<" + std::string(room - 1, 'x') + ">"));
  CHECK(is_message_id("<x>"));
  for (const auto* other : {"", "<>", "x", "<x", "x>", "<a b>", "<<x>>", "<\xe8>", "<a\x7f>"})
    CHECK_FALSE(is_message_id(other));
}

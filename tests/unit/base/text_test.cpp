// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/text.hpp"

#include <catch2/catch.hpp>

using namespace pec;

TEST_CASE("base32 follows the vectors of RFC 4648, in lower case and without padding") {
  CHECK(text::base32("") == "");
  CHECK(text::base32("f") == "my");
  CHECK(text::base32("foobar") == "mzxw6ytboi");
}

TEST_CASE("text helpers know ASCII only") {
  CHECK(text::equals_ignoring_case("Subject", "sUBJECT"));
  CHECK_FALSE(text::equals_ignoring_case("\xc3\x88", "\xc3\xa8"));
  CHECK(text::trim(" \t a b\r\n ") == "a b");
  CHECK(text::trim(" \r\n") == "");
  CHECK(text::without_line_end("a \r\n") == "a ");
  CHECK(text::without_line_end("a\n\n") == "a\n");
  CHECK(text::without_line_end("a\r") == "a\r");
  CHECK(text::without_line_end("\r\r\n") == "\r");
  CHECK(text::split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(text::replace_all("a[x]b[x]", "[x]", "[x][x]") == "a[x][x]b[x][x]");
  CHECK(text::escape_html("<a href=\"x\">&") == "&lt;a href=&quot;x&quot;&gt;&amp;");
  CHECK(text::printable("a\r\nb") == "a??b");
  CHECK(text::is_printable("a b\xc3\xa0"));
  CHECK_FALSE(text::is_printable("a\tb"));
  CHECK_FALSE(text::is_printable("a\x7f"));
  CHECK(text::hex(std::string_view("\x00\xff", 2)) == "00ff");
  CHECK(text::equals_in_constant_time("abc", "abc"));
  CHECK_FALSE(text::equals_in_constant_time("abc", "abd"));
  CHECK_FALSE(text::equals_in_constant_time("abc", "ab"));
}

TEST_CASE("a number is all of its digits, or none") {
  CHECK(text::number("0") == 0);
  CHECK(text::number("18446744073709551615") == 18446744073709551615U);
  for (const auto* other : {"", "-1", "+1", " 1", "1 ", "12x", "0x1", "18446744073709551616"})
    CHECK_FALSE(text::number(other));
}

TEST_CASE("brackets around an id or address are taken off, but only both") {
  CHECK(text::without_brackets("<a@b>") == "a@b");
  CHECK(text::without_brackets("a@b") == "a@b");
  CHECK(text::without_brackets("<>").empty());
  CHECK(text::without_brackets("<a@b") == "<a@b");
  CHECK(text::without_brackets("<") == "<");
  CHECK(text::without_brackets("").empty());
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/latin1.hpp"

#include "mime/charset.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace pec::mime;

namespace {

struct Row {
  const char* utf8;
  const char* latin1;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.utf8);
    CHECK(to_latin1(row.utf8) == row.latin1);
  }
}

std::string utf8_of(gunichar c) {
  char octets[6];
  return {octets, static_cast<std::size_t>(g_unichar_to_utf8(c, octets))};
}

std::string repeated(std::string_view piece, std::size_t octets) {
  std::string out;
  while (out.size() < octets) out += piece;
  return out;
}

// The shortest of three processor times, in which other programs have no share.
std::chrono::duration<double> time_of(const std::string& text) {
  const auto spent = [] {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  const auto begin = spent();
  CHECK(to_latin1(text).size() < 20 * text.size());
  return spent() - begin;
}

}  // namespace

TEST_CASE("characters of Latin-1 stay as they are", "[rule:8.1]") {
  std::string all_utf8, all;
  for (gunichar c = 0; c < 0x100; ++c) {
    all_utf8 += utf8_of(c);
    all += static_cast<char>(c);
  }
  CHECK(to_latin1(all_utf8) == all);
  CHECK(to_latin1_html(all_utf8) == all);
  CHECK(to_latin1("") == "");
  CHECK(to_latin1("caff\xe8 \xff\xc3") == "caff\xe8 \xff\xc3");  // not UTF-8: taken as Latin-1
}

TEST_CASE("text outside Latin-1 is transliterated as well as possible", "[rule:8.1]") {
  check({
      {"citt\u00e0 \u00a7 10 \u20ac", "citt\xe0 \xa7 10 EUR"},
      {"\u010d\u0142\u0159\u017d\u0151 \u0111\u0110\u0131\u0127 \u018fli", "clrZo dDih Eli"},
      {"Nguy\u1ec5n \u021bar\u0103 \u0130zmir \u1e9e", "Nguyen tara Izmir SS"},
      {"l\u2019anno \u201cx\u201d \u2013 \u2014 y\u2026", "l'anno \"x\" - - y..."},
      {"\ufb01ne \u2116 \u2122 \u2460 \u2022 25\u2030 \u216b", "fine No (TM) (1) \xb7 25%o XII"},
      {"\u0395\u03bb\u03bb\u03ac\u03b4\u03b1 \u039c\u03c0\u03ac\u03bc\u03c0\u03b7\u03c2",
       "Ell\xe1"
       "da Mp\xe1mpes"},
      {"\u041c\u043e\u0441\u043a\u0432\u0430, \u0401\u043b\u043a\u0430 \u2116 5",
       "Moskva, \xcblka No 5"},
      {"\u4f60\u597d\uff0c \u4e2d\u56fd\u3002", "ni hao, zhong gu\xf3."},
      {"\u30ab\u30bf\u30ab\u30ca \u3072\u3089\u304c\u306a", "katakana hiragana"},
      {"\uc548\ub155", "annyeong"},
      {"\u05e9\u05dc\u05d5\u05dd", "slwm"},
      {"\u0639\u0627\u0644\u0645", "'alm"},
      {"\u0928\u092e\u0938\u094d\u0924\u0947", "namaste"},
      {"\u10e5\u10d0\u10e0\u10d7\u10e3\u10da\u10d8 \u0540\u0561\u0575", "kartuli Hay"},
      {"\u0623\u0661\u0662\u066b\u0665", "a12,5"},  // digits keep their value
      {"\U0001d400\uff21", "AA"},                   // letters in other shapes
  });
}

TEST_CASE("unknown characters become question marks, invisible ones vanish", "[rule:8.1]") {
  check({
      {"a \U0001f600 b", "a ? b"},
      {"\U0001f468\u200d\U0001f469\ufe0f", "??"},  // one family
      {"\ue000 \u1780", "? ?"},                    // a private character, Khmer
      {"a\u200bb\u00ad \u202ec", "ab\xad c"},
      {"a\u2028b", "a b"},
  });
}

TEST_CASE("marks join the letter before them, others fall", "[rule:8.1]") {
  check({
      {"perche\u0301 E\u0300", "perch\xe9 \xc8"},
      {"x\u030c 1\u0301 \u0301", "x 1 "},
      {"c\u030c\u0301a", "ca"},
  });
  CHECK(to_latin1("e" + repeated("\u0301\u0316", 10'000)) == "\xe9");
}

TEST_CASE("the sense of numbers, units and signs does not change", "[rule:8.1]") {
  check({
      {"5 \u03bcg, 5 \u00b5g, 10 k\u03a9, 10 \u2126", "5 \xb5g, 5 \xb5g, 10 kOhm, 10 Ohm"},
      {"10\u2074 2\u2153 \u22125", "10? 2 1/3 -5"},
      {"a \u2260 b", "a ? b"},
      {"a =\u0338 b", "a =/ b"},
      {"a \u2264 b \u2192 c", "a <= b -> c"},
      {"\u0be8\u0bf0", "2?"},         // Tamil's 20 is "2 tens", not 210
      {"\u09f3\u09e7\u09e6", "?10"},  // Bengali's sign of money
  });
  CHECK(to_latin1("\u0391\u2019 <anna@pec.alfa.example>\r\n\u0392: 22/11/2026\r\n") ==
        "A' <anna@pec.alfa.example>\r\nB: 22/11/2026\r\n");
}

TEST_CASE("nothing becomes markup in HTML", "[rule:8.1]") {
  CHECK(to_latin1("\uff1cb\uff1e \uff06amp; \u2039i\u203a") == "<b> &amp; <i>");
  CHECK(to_latin1_html("\uff1cb\uff1e \uff06amp; \u2039i\u203a") ==
        "&lt;b&gt; &amp;amp; &lt;i&gt;");
  CHECK(to_latin1_html("<h3>\u0338\u2192 \u2264\u201c</h3>") == "<h3>/-&gt; &lt;=&quot;</h3>");
}

// Each character of Unicode (of ideographs and Hangul some), between others: these come through,
// and all stay on their line.
TEST_CASE("no character changes what is around it", "[rule:8.1]") {
  std::string text;
  std::size_t count = 0;
  for (gunichar c = 0x100; c < 0x110000;) {
    if (g_unichar_isdefined(c) && g_unichar_type(c) != G_UNICODE_PRIVATE_USE) {
      text += "<1" + utf8_of(c) + "@\r\n";
      ++count;
    }
    const bool many_alike =
        (c >= 0x3400 && c < 0xd800) || (c >= 0x17000 && c < 0x1b000) || c >= 0x20000;
    c += many_alike ? 97 : 1;
  }
  REQUIRE(count > 10'000);

  const std::string html = to_latin1_html(text);
  std::size_t lines = 0;
  std::string changed;
  for (std::size_t at = 0, end = 0; at < html.size(); at = end + 1, ++lines) {
    end = std::min(html.find('\n', at), html.size());
    const std::string line = html.substr(at, end - at);
    const bool whole = line.starts_with("<1") && line.ends_with("@\r") &&
                       line.find_first_of("<>\r", 1) == line.size() - 1;
    if (!whole) changed += line + "\n";
  }
  CHECK(changed == "");
  CHECK(lines == count);
}

TEST_CASE("any bytes give text without new lines") {
  std::mt19937 random(6109);
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    for (auto n = random() % 300; n > 0; --n) bytes += static_cast<char>(random());
    for (auto n = random() % 50; n > 0; --n)
      bytes += utf8_of(static_cast<gunichar>(0x100 + random() % 0xd000));
    INFO(bytes);
    const auto lines = std::count(bytes.begin(), bytes.end(), '\n');
    const std::string out = to_latin1(bytes);
    REQUIRE(std::count(out.begin(), out.end(), '\n') == lines);
    REQUIRE(to_latin1_html(bytes).size() >= out.size());
  }
}

TEST_CASE("hostile texts are transliterated in time that grows with their length") {
  for (const char* piece : {"\u4f60", "\u0301", "\u0301\u0316", "a\u0301\u0316\u0327",
                            "\u03b1\u0345\u0301\u0316", "\ud55c", "\u0e01\u0e33", "\u05e9\u05c1",
                            "\u03b1a", "\u0626", "\U0001f600", "\u3042", "\ufdfa"}) {
    INFO(piece);
    const auto once = time_of(repeated(piece, 8'000));
    const auto four_times = time_of(repeated(piece, 32'000));
    CHECK(four_times < 8 * once + std::chrono::milliseconds(100));
  }
}

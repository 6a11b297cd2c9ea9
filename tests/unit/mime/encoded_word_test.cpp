// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/encoded_word.hpp"

#include "base/text.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <string_view>

using namespace pec::mime;

namespace {

constexpr std::size_t subject_used = 9;  // "Subject: "

// The flaw in a value of ours: anything but folds, ASCII and lines of 76 octets at most.
std::string flaw_in(const std::string& value, std::size_t first_line_used) {
  std::size_t used = first_line_used;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value.compare(i, 3, "\r\n ") == 0) {
      used = 0;
      ++i;
      continue;
    }
    if (value[i] < 0x20 || value[i] == 0x7f) return "an octet that is not printable ASCII";
    if (++used > 76) return "a line that is too long";
  }
  return {};
}

}  // namespace

TEST_CASE("encoded words are decoded as mail clients do", "[rfc2047]") {
  struct Row {
    const char* raw;
    const char* expected;
  };
  const Row rows[] = {
      {" plain", "plain"},
      {" a  b\r\n c ", "a  b c"},
      {" =?utf-8?B?Y2l0dMOg?=", "citt\xc3\xa0"},
      {" =?UTF-8?q?citt=C3=A0_nuova?= 2", "citt\xc3\xa0 nuova 2"},
      {" =?iso-8859-1?Q?perch=E9?=", "perch\xc3\xa9"},
      {" =?iso-8859-1*it?Q?perch=E9?=", "perch\xc3\xa9"},
      {" =?windows-1252?Q?10_=80?=", "10 \xe2\x82\xac"},
      {" =?utf-8?B?Y2l0?=\r\n =?utf-8?B?dMOg?=", "citt\xc3\xa0"},
      {" =?utf-8?B?Y2l0dMM=?= =?utf-8?B?oA==?=", "citt\xc3\xa0"},  // a character in two words
      {" =?utf-8?B?YQ==?= =?utf-8?b?YWI=?= =?utf-8?q?=C3=A0?= =?utf-8?B?Yg==?=",
       "aab\xc3\xa0"
       "b"},
      {" =?iso-8859-1?q?=E0?= =?utf-8?q?=C3=A0?= x", "\xc3\xa0\xc3\xa0 x"},
      {" =?iso-2022-jp?B?GyRCNEE7ehsoQg==?=", "\xe6\xbc\xa2\xe5\xad\x97"},
      {" =?koi8-r?B?+sTSwdfT1NfVytTF?=",
       "\u0417\u0434\u0440\u0430\u0432\u0441\u0442\u0432\u0443\u0439\u0442\u0435"},
      {" =?gb2312?B?1tC5+g==?= =?big5?B?pKSw6g==?=", "\u4e2d\u56fd\u4e2d\u570b"},
      {" =?ks_c_5601-1987?B?x9GxuQ==?= =?x-sjis?B?k/qWew==?=", "\ud55c\uad6d\u65e5\u672c"},
      {" =?iso-8859-1?q?l=92anno?=", "l\u2019anno"},  // Windows' extension, as clients take it
      {" =?utf-8?q?cut_=C3?= x", "cut \xc3\x83 x"},
      {" =?utf-8?q?a=zz=4?=", "a=zz=4"},
      {" =?utf-8?x?a?= =??q?a?= =?a b?q?c?= =?utf-8?q?",
       "=?utf-8?x?a?= =??q?a?= =?a b?q?c?= =?utf-8?q?"},
      {" a=?utf-8?q?b?=c", "abc"},
      {" =?no-such-charset?q?caff=E8?=", "caff\xc3\xa8"},
      {" =?utf-8?q?never closed", "=?utf-8?q?never closed"},
      {" raw \xc3\xa0", "raw \xc3\xa0"},
      {" raw \xe0", "raw \xc3\xa0"},
      {" =?utf-8?q?a=0D=0AX-Trasporto:_b=00?=", "a  X-Trasporto: b "},
      {" a\x01\x7f\xc2\x85z", "a   z"},
      {"", ""},
  };
  for (const Row& row : rows) {
    INFO(row.raw);
    CHECK(decode_text(row.raw) == row.expected);
  }
  CHECK(decode_text(std::string_view(" a\0b", 4)) == "a b");
}

TEST_CASE("plain text stays plain, folded under 78", "[rule:8.1]") {
  CHECK(encode_text("ACCETTAZIONE: prova", subject_used) == "ACCETTAZIONE: prova");
  CHECK(encode_text("", subject_used) == "");
  const std::string words =
      "POSTA CERTIFICATA: convocazione dell'assemblea ordinaria dei soci in prima convocazione";
  CHECK(encode_text(words, subject_used) ==
        "POSTA CERTIFICATA: convocazione dell'assemblea ordinaria dei soci\r\n in prima "
        "convocazione");
}

TEST_CASE("other characters than ASCII become encoded words, a plain prefix stays readable",
          "[rfc2047]") {
  CHECK(encode_text("CONSEGNA: citt\xc3\xa0 nuova", subject_used) ==
        "CONSEGNA: =?utf-8?B?Y2l0dMOg?= nuova");
  CHECK(encode_text("\xc3\xa0 \xc3\xa0", subject_used) == "=?utf-8?B?w6Agw6A=?=");
  CHECK(encode_text("a =?utf-8?q?b?= c", subject_used).starts_with("a =?utf-8?B?"));
}

TEST_CASE("text that can't stand as it is comes back all the same") {
  for (const std::string& text :
       {std::string(" leading"), std::string("trailing "), std::string("  "), std::string("a  b"),
        std::string(500, 'x'), "a " + std::string(500, 'x') + " b", std::string(300, ' ') + "x",
        "x" + std::string(300, ' ') + "y", std::string("=?utf-8?q?x?="), std::string("=?"),
        std::string("\xc3\xa0  plain  \xc3\xa0"), std::string("a  \xc3\xa0  b")}) {
    for (const std::size_t used :
         {std::size_t{0}, subject_used, std::size_t{60}, std::size_t{90}}) {
      INFO(text << ", " << used);
      const std::string value = encode_text(text, used);
      if (used <= 76) CHECK(flaw_in(value, used) == "");
      CHECK(decode_text(value) == text);
    }
  }
}

TEST_CASE("decoding what was encoded gives the text again, in lines of 76 at most", "[rfc2047]") {
  std::mt19937 random(2047);
  constexpr std::string_view pieces[] = {" ",
                                         " ",
                                         "word",
                                         "POSTA",
                                         "=?",
                                         "?=",
                                         "=",
                                         "_",
                                         "?",
                                         "\xc3\xa0",
                                         "\xe2\x82\xac",
                                         "\xe6\xbc\xa2\xe5\xad\x97",
                                         "\xf0\x9f\x98\x80",
                                         "e\xcc\x81",
                                         "a-very-long-word-without-any-blank-in-it",
                                         "\"quoted\"",
                                         "<a@alfa.example>",
                                         ","};
  for (int round = 0; round < 4'000; ++round) {
    std::string text;
    for (auto n = random() % 60; n > 0; --n) text += pieces[random() % std::size(pieces)];
    const std::size_t used = random() % 40;
    INFO(text);
    const std::string value = encode_text(text, used);
    REQUIRE(flaw_in(value, used) == "");
    REQUIRE(decode_text(value) == text);
  }
}

TEST_CASE("no line break and no control character gets out of an encoded text") {
  const std::string value = encode_text("a\r\nX-Trasporto: posta-certificata\x01\n\xc3\xa0", 0);
  CHECK(flaw_in(value, 0) == "");
  CHECK(decode_text(value) == "a  X-Trasporto: posta-certificata  \xc3\xa0");
  CHECK(decode_text(encode_text("caff\xe8", 0)) == "caff\xc3\xa8");  // not UTF-8: Latin-1
}

TEST_CASE("hostile fields are decoded in time that grows with their length") {
  std::string words;
  while (words.size() < 1'000'000) words += "=?a?q?x";
  CHECK(decode_text(words).size() == words.size());
  CHECK_FALSE(decode_text(words + "?=").empty());
}

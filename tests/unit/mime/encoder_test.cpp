// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/encoder.hpp"

#include "base/text.hpp"
#include "mime/parameterised.hpp"
#include "mime/part_tree.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <string_view>

using namespace pec::mime;

namespace {

// Back through the decoder, which is GMime's.
std::string decoded(const char* encoding, const std::string& text) {
  Part part;
  part.header.add("Content-Transfer-Encoding", encoding);
  part.end = text.size();
  return decode_content(part, text);
}

// The flaw in encoded text: anything but ASCII lines of 76 octets at most that end with CRLF and
// have no blank before it.
std::string flaw_in(const std::string& encoded) {
  if (!encoded.empty() && !encoded.ends_with("\r\n")) return "no line end at the end";
  for (auto line : pec::text::split(encoded, '\n')) {
    if (line.empty()) continue;  // behind the last line end
    if (!line.ends_with('\r')) return "a bare LF";
    line.remove_suffix(1);
    if (line.size() > 76) return "a line that is too long";
    if (line.ends_with(' ') || line.ends_with('\t')) return "a blank at the end of a line";
    for (const char c : line)
      if ((c < 0x20 && c != '\t') || c == 0x7f) return "an octet that is not printable ASCII";
  }
  return {};
}

}  // namespace

TEST_CASE("base64 has CRLF lines of 76 characters", "[rfc2045]") {
  CHECK(encode_base64("") == "");
  CHECK(encode_base64("citt\xc3\xa0") == "Y2l0dMOg\r\n");
  CHECK(encode_base64(std::string(57, 'a')).size() == 78);
  CHECK(encode_base64(std::string(58, 'a')).size() == 84);
  std::mt19937 random(822);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(random());
    const std::string encoded = encode_base64(bytes);
    REQUIRE(flaw_in(encoded) == "");
    REQUIRE(decoded("base64", encoded) == bytes);
  }
}

TEST_CASE("quoted-printable keeps text readable and its line ends CRLF", "[rfc2045]") {
  CHECK(encode_quoted_printable("") == "");
  CHECK(encode_quoted_printable("perch\xe9 no=\r\n") == "perch=E9 no=3D\r\n");
  CHECK(encode_quoted_printable("a\nb\n") == "a\r\nb\r\n");
  CHECK(encode_quoted_printable("a \t\r\n\r\n") == "a =09\r\n\r\n");
  CHECK(encode_quoted_printable("a\rb\r\n") == "a=0Db\r\n");
  CHECK(encode_quoted_printable("no line end") == "no line end=\r\n");
  CHECK(encode_quoted_printable("blank ") == "blank=20=\r\n");
}

TEST_CASE("quoted-printable lines have 76 octets at most, whatever ends them", "[rfc2045]") {
  for (const char* end :
       {"a\r\n", " \r\n", "\t\r\n", "\xe9\r\n", "=\r\n", "\r\r\n", "", " ", "\xe9"})
    for (std::size_t length = 60; length < 160; ++length) {
      INFO(length << " and " << end);
      const std::string text = std::string(length, 'x') + end;
      const std::string encoded = encode_quoted_printable(text);
      REQUIRE(flaw_in(encoded) == "");
      CHECK(decoded("quoted-printable", encoded) == text);
    }
  CHECK(encode_quoted_printable(std::string(76, 'x') + "\r\n").find('=') == std::string::npos);
}

TEST_CASE("quoted-printable text comes back as it was, with CRLF") {
  std::mt19937 random(1521);
  constexpr std::string_view pieces[] = {"\r\n", "\n",   " ",    "\t", "=",
                                         ".",    "word", "\xe9", "\r", "From "};
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (auto n = random() % 100; n > 0; --n) text += pieces[random() % std::size(pieces)];
    const std::string encoded = encode_quoted_printable(text);
    REQUIRE(flaw_in(encoded) == "");
    std::string with_crlf;
    for (const char c : text) {
      if (c == '\n' && !with_crlf.ends_with('\r')) with_crlf += '\r';
      with_crlf += c;
    }
    REQUIRE(decoded("quoted-printable", encoded) == with_crlf);
  }
}

TEST_CASE("a file name comes back from a parameter of ours, whatever it holds", "[rfc2231]") {
  CHECK(encode_parameterised("attachment", "filename", "a b.pdf") ==
        "attachment; filename=\"a b.pdf\"");
  std::mt19937 random(2231);
  constexpr std::string_view pieces[] = {
      " ", "\"",         "\\",     "'",      ";",          "%20",       "*",    "=?", "?=", "(",
      ")", "citt\u00e0", "\u20ac", "\u6f22", "\U0001f600", "documento", ".pdf", "<",  ",",  "="};
  for (int round = 0; round < 4'000; ++round) {
    std::string name = "x";
    for (auto n = random() % 40; n > 0; --n) name += pieces[random() % std::size(pieces)];
    name += "y";
    const std::string value = encode_parameterised("application/octet-stream", "name", name);
    INFO(name << "\n" << value);
    const auto parsed = parse_parameterised(value);
    REQUIRE(parsed.value == "application/octet-stream");
    REQUIRE(parsed.parameter("name") == name);
    // GMime folds without knowing the field's name: near 78, not always under it.
    for (const auto line : pec::text::split(value, '\n')) REQUIRE(line.size() <= 100);
  }
}

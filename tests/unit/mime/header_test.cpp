// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/header.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace pec::mime;

TEST_CASE("a header is kept byte for byte", "[rfc5322]") {
  for (const char* header : {
           "Subject: x\r\n",
           "Subject:x\r\nsubject:  y \r\nSUBJECT:\r\n",
           "Subject:\r\n folded at once\r\n\tand again  \r\n",
           "X-Empty-Fold: a\r\n \r\n b\r\n",
           "Subject : blanks before the colon\r\nTo\t: x\r\n",
           "X-8bit: citt\xe0 \xc3\xa0\r\n",
           "X-Odd: bare\rCR\r\r\nX-Colons: a: b: c\r\n",
           "!#$%&'*+-.^_`|~09: any of these may be in a name\r\n",
       }) {
    INFO(header);
    const auto parsed = parse_header(std::string(header) + "\r\nbody");
    CHECK(parsed.fields.wire() == header);
    CHECK(parsed.body_offset == std::string_view(header).size() + 2);
  }
}

TEST_CASE("lines that end with LF alone are written with CRLF") {
  const auto parsed = parse_header("Subject: a\n b\nTo: c\r\n\nbody\n");
  CHECK(parsed.fields.wire() == "Subject: a\r\n b\r\nTo: c\r\n");
  CHECK(parsed.body_offset == 22);
}

TEST_CASE("the header ends at the empty line, or at a line that is not a field") {
  struct Row {
    const char* message;
    std::size_t fields;
    const char* body;
  };
  const Row rows[] = {
      {"", 0, ""},
      {"\r\n", 0, ""},
      {"\r\nbody: x\r\n", 0, "body: x\r\n"},
      {"Subject: x", 1, ""},
      {"Subject: x\r\n", 1, ""},
      {"Subject: x\r\n\r\n\r\nbody", 1, "\r\nbody"},
      {"no header at all\r\nSubject: x\r\n", 0, "no header at all\r\nSubject: x\r\n"},
      {"Subject: x\r\nno field\r\nTo: y\r\n", 1, "no field\r\nTo: y\r\n"},
      {"Two words: x\r\n", 0, "Two words: x\r\n"},
      {": x\r\n", 0, ": x\r\n"},
      {"Citt\xe0: x\r\n", 0, "Citt\xe0: x\r\n"},
      {" fold of nothing\r\nTo: y\r\n", 0, " fold of nothing\r\nTo: y\r\n"},
      {"From a@alfa.example Sun Nov 22 05:11:22 2026\r\nTo: y\r\n", 0,
       "From a@alfa.example Sun Nov 22 05:11:22 2026\r\nTo: y\r\n"},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    const auto parsed = parse_header(row.message);
    CHECK(parsed.fields.size() == row.fields);
    CHECK(std::string_view(row.message).substr(parsed.body_offset) == row.body);
  }
}

TEST_CASE("header and body together are always the whole message") {
  std::mt19937 random(1109);
  constexpr std::string_view pieces[] = {"\r\n", "\r\n", "\r\n", "\r",   " ",          "\t",    "a",
                                         "A:",   ":",    "b: c", "\xff", "X-Y: z\r\n", "\r\n\t"};
  for (int round = 0; round < 8'000; ++round) {
    std::string message;
    for (auto n = random() % 12; n > 0; --n) message += pieces[random() % std::size(pieces)];
    message += "\r\n";
    INFO(message);
    const auto parsed = parse_header(message);
    const std::string header = parsed.fields.wire();
    const std::string_view rest = std::string_view(message).substr(header.size());
    REQUIRE(message.starts_with(header));
    const std::string_view body = std::string_view(message).substr(parsed.body_offset);
    REQUIRE((rest == body || rest == "\r\n" + std::string(body)));
  }
}

TEST_CASE("a caller may stop the header at any line") {
  const auto parsed = parse_header("A: b\r\n--x: y\r\nC: d\r\n\r\n",
                                   [](std::string_view line) { return line == "--x: y\r\n"; });
  CHECK(parsed.fields.wire() == "A: b\r\n");
  CHECK(parsed.body_offset == 6);

  const auto in_fold =
      parse_header("A: b\r\n c\r\n d\r\n", [](std::string_view line) { return line == " d\r\n"; });
  CHECK(in_fold.fields.wire() == "A: b\r\n c\r\n");
  CHECK(in_fold.body_offset == 10);
}

TEST_CASE("fields are found by name in any case, in order") {
  const auto fields = parse_header("To: 1\r\nsubject : 2\r\nTO: 3\r\n\r\n").fields;
  CHECK(fields.unfolded("Subject") == "2");
  CHECK(fields.find("SUBJECT")->name == "subject ");
  CHECK(fields.unfolded("to") == "1");
  REQUIRE(fields.find_all("To").size() == 2);
  CHECK(fields.find_all("To")[1]->unfolded() == "3");
  CHECK(fields.find("Cc") == nullptr);
  CHECK(fields.unfolded("Cc") == "");
  CHECK(fields.find_all("Cc").empty());
}

TEST_CASE("an unfolded value is one line") {
  const auto unfolded = [](const char* raw) { return HeaderField{"X", raw}.unfolded(); };
  CHECK(unfolded(" a\r\n b\r\n\tc ") == "a b\tc");
  CHECK(unfolded(" a\n b") == "a b");
  CHECK(unfolded("\r\n a") == "a");
  CHECK(unfolded(" a\rb\r\r\n c") == "a b  c");
  CHECK(unfolded(" a\r\nX-Trasporto: b") == "a X-Trasporto: b");
  CHECK(unfolded("") == "");
}

TEST_CASE("nothing that would begin another field gets into a field of ours") {
  HeaderList header;
  header.add("Subject", "a\r\n b\r\n\tc");
  CHECK(header.wire() == "Subject: a\r\n b\r\n\tc\r\n");
  for (const char* value : {"a\nb", "a\rb", "a\r\nb", "a\r\n", "a\r", "a\n", "a\n b", "a\r\r\n b",
                            "\r\nX-Trasporto: posta-certificata", "a\r\n\r\n b"}) {
    INFO(value);
    CHECK_THROWS_AS(header.add("X", value), std::invalid_argument);
  }
  for (const char* name : {"", "a b", "a:", "a\r\n", "citt\xc3\xa0"}) {
    INFO(name);
    CHECK_THROWS_AS(header.add(name, "x"), std::invalid_argument);
  }
  CHECK(header.size() == 1);
}

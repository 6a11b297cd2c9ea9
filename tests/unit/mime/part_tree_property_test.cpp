// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/part_tree.hpp"
#include "unit/mime/line_by_line.hpp"
#include "unit/mime/tree_text.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <ctime>
#include <random>
#include <string>
#include <string_view>

using namespace pec::mime;

namespace {

// Properties that hold for any input. Returns the first broken one, or an empty text.
std::string broken_invariant(const Part& part, std::string_view body) {
  if (part.entity_begin > part.content_begin || part.content_begin > part.end) return "order";
  if (part.end > body.size()) return "end beyond the text";
  std::size_t from = part.content_begin;
  for (const Part& child : part.children) {
    if (child.entity_begin < from) return "overlap";
    if (child.end > part.end) return "child beyond its parent";
    from = child.end;
    if (auto broken = broken_invariant(child, body); !broken.empty()) return broken;
  }
  return {};
}

// Pieces of hostile and ordinary structures.
constexpr std::array<std::string_view, 28> pieces{
    "--a",
    "--ab",
    "--b",
    "--",
    "-",
    "\r\n",
    "\r\n",
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    "text",
    "well-known",
    "-\r\n--",
    ":",
    "Content-Type: multipart/mixed; boundary=a\r\n",
    "Content-Type: multipart/mixed; boundary=ab\r\n\r\n",
    "Content-Type: multipart/digest;\r\n boundary=\"b\"\r\n\r\n",
    "Content-Type: message/rfc822\r\n\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Type: text/html\r\n\r\n",
    "\r\n--a\r\n",
    "\r\n--a--\r\n",
    "\r\n--ab\r\n",
    "\r\n--b\r\n",
    "\r\n--b--\r\n",
    std::string_view("\0\xff", 2)};

}  // namespace

TEST_CASE("parts always lie in order within their parents, and where each line says") {
  std::mt19937 random(20051102);
  const auto up_to = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit)(random);
  };
  std::size_t nested = 0;
  for (int round = 0; round < 8'000; ++round) {
    std::string body;
    for (std::size_t n = up_to(40); n > 0; --n) body += pieces[up_to(pieces.size() - 1)];
    HeaderList header;
    header.add_raw("Content-Type", " multipart/mixed; boundary=a");
    const ParseLimits limits{.max_depth = 1 + up_to(10), .max_parts = 1 + up_to(20)};
    const PartTree tree = parse_message(header, body, limits);
    INFO("round " << round << ", body:\n" << body);
    REQUIRE(broken_invariant(tree.root, body) == "");
    REQUIRE(tree.root.end == body.size());
    REQUIRE(described(parse_message(header, body).root) ==
            described(LineByLine(body).read(header)));
    for (const Part& child : tree.root.children) nested += child.children.size();
  }
  CHECK(nested > 200);  // the pieces do make trees
}

TEST_CASE("a damaged message still gives parts in order, and where each line tells") {
  const std::string whole =
      "--out\r\nContent-Type: multipart/alternative; "
      "boundary=\"in\"\r\n\r\n--in\r\n\r\none\r\n--in\r\n"
      "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
      "quoted-printable\r\n\r\n"
      "<p>two</p>\r\n--in--\r\n--out\r\nContent-Type: message/rfc822; "
      "name=\"postacert.eml\"\r\n\r\n"
      "Subject: x\r\nContent-Type: multipart/mixed; "
      "boundary=in\r\n\r\n--in\r\n\r\nthree\r\n--in--\r\n"
      "\r\n--out--\r\n";
  HeaderList header;
  header.add_raw("Content-Type", " multipart/mixed; boundary=out");
  REQUIRE(types_of(parse_message(header, whole).root) ==
          "multipart/mixed(multipart/alternative(text/plain,text/html),"
          "message/rfc822(multipart/mixed(text/plain)))");

  std::mt19937 random(20081128);
  for (int round = 0; round < 8'000; ++round) {
    std::string body = whole;
    for (int change = 0; change < 5 && !body.empty(); ++change) {
      const std::size_t at = random() % body.size();
      switch (random() % 4) {
        case 0:
          body.erase(at, 1 + random() % 10);
          break;
        case 1:
          body.insert(at, body.substr(random() % body.size(), random() % 60));
          break;
        case 2:
          body[at] = static_cast<char>(random() % 256);
          break;
        default:
          body.resize(at + 1);
      }
    }
    const PartTree tree = parse_message(header, body);
    INFO("round " << round << ", body:\n" << body);
    REQUIRE(broken_invariant(tree.root, body) == "");
    REQUIRE(described(tree.root) == described(LineByLine(body).read(header)));
  }
}

namespace {

// Processor time, so that a busy machine doesn't matter.
double seconds_for(const std::string& content_type, const std::string& body) {
  HeaderList header;
  header.add_raw("Content-Type", " " + content_type);
  const std::clock_t begin = std::clock();
  const PartTree tree = parse_message(header, body);
  const std::clock_t end = std::clock();
  CHECK(tree.root.end == body.size());
  return static_cast<double>(end - begin) / CLOCKS_PER_SEC;
}

std::string repeated(std::string text, std::string_view piece, std::size_t size) {
  while (text.size() < size) text += piece;
  return text;
}

}  // namespace

TEST_CASE("a body is read once for all levels together") {
  // 20 multiparts around 20 MB of base64: read once for each level, this would take 20 times as
  // long as the flat one.
  std::string nested;
  for (int i = 1; i <= 20; ++i)
    nested += "--b" + std::to_string(i - 1) + "\r\nContent-Type: multipart/mixed; boundary=b" +
              std::to_string(i) + "\r\n\r\n";
  const std::string content = repeated("\r\n", std::string(76, 'A') + "\r\n", 20'000'000);
  const double flat = seconds_for("multipart/mixed; boundary=b0", "--b0\r\n" + content);
  const double deep = seconds_for("multipart/mixed; boundary=b0", nested + "--b20\r\n" + content);
  INFO("flat " << flat << " s, deep " << deep << " s");
  CHECK(deep < flat * 5 + 0.05);
}

TEST_CASE("hostile bodies take time that grows with their length, no faster") {
  struct Row {
    const char* what;
    const char* begin;
    std::string_view piece;
  };
  const Row rows[] = {
      {"one header field after another", "--b\r\n", "a:\r\n"},
      {"encoded words that never end", "--b\r\nContent-Type: a/b; name=\"", "=?a?q?x"},
      {"one parameter after another", "--b\r\nContent-Type: a/b", ";a=b"},
      {"comments that never end", "--b\r\nContent-Type: a/b", "(;"},
      {"lines that might be boundaries", "--b\r\n\r\n", "--\r\n"},
      {"lines that begin with a dash", "--b\r\n\r\n", "-a\n"},
      {"lines that end with a dash", "--b\r\n\r\n", "a-\n"},
      {"dash after dash on one line", "--b\r\n\r\n", "a-"},
      {"one part after another", "--b\r\n\r\n", "--b\r\n"},
      {"no line end at all", "--b\r\n", "----------"},
  };
  constexpr std::size_t size = 100'000;
  for (const Row& row : rows) {
    const double small =
        seconds_for("multipart/mixed; boundary=b", repeated(row.begin, row.piece, size));
    const double large =
        seconds_for("multipart/mixed; boundary=b", repeated(row.begin, row.piece, 8 * size));
    INFO(row.what << ": " << small << " s, 8 times as long: " << large << " s");
    CHECK(large < small * 30 + 0.02);
  }
}

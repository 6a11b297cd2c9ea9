#include "mime/part_tree.hpp"
#include "tree_text.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <string>
#include <string_view>

using namespace pec::mime;

namespace {

// What must hold for any input. Returns the first thing that doesn't, empty if all does.
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

// Pieces from which hostile and ordinary structures alike come together.
constexpr std::array<std::string_view, 26> pieces{
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

TEST_CASE("whatever comes, parts lie in order within their parents") {
  std::mt19937 random(20051102);
  const auto up_to = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit)(random);
  };
  std::size_t nested = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string body;
    for (std::size_t n = up_to(40); n > 0; --n) body += pieces[up_to(pieces.size() - 1)];
    HeaderList header;
    header.add_raw("Content-Type", " multipart/mixed; boundary=a");
    const ParseLimits limits{.max_depth = 1 + up_to(10), .max_parts = 1 + up_to(20)};
    const PartTree tree = parse_message(header, body, limits);
    INFO("round " << round << ", body:\n" << body);
    REQUIRE(broken_invariant(tree.root, body) == "");
    REQUIRE(tree.root.end == body.size());
    for (const Part& child : tree.root.children) nested += child.children.size();
  }
  CHECK(nested > 500);  // the pieces do make trees
}

TEST_CASE("a damaged message still gives parts in order") {
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
  for (int round = 0; round < 20'000; ++round) {
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
  }
}

TEST_CASE("large and hostile bodies are read in one pass") {
  const auto seconds_for = [](const std::string& content_type, const std::string& body) {
    HeaderList header;
    header.add_raw("Content-Type", " " + content_type);
    const auto begin = std::chrono::steady_clock::now();
    const PartTree tree = parse_message(header, body);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    CHECK(tree.root.end == body.size());
    return took.count();
  };
  // 20 levels of multiparts around 20 MB: read once for each level, this would take 20 times as
  // long as the flat one.
  const std::string lines(78, 'A');
  std::string content;
  while (content.size() < 20'000'000) content += lines + "\r\n";
  std::string nested;
  for (int i = 1; i <= 20; ++i)
    nested += "--b" + std::to_string(i - 1) + "\r\nContent-Type: multipart/mixed; boundary=b" +
              std::to_string(i) + "\r\n\r\n";
  const double flat = seconds_for("multipart/mixed; boundary=b0", "--b0\r\n\r\n" + content);
  const double deep =
      seconds_for("multipart/mixed; boundary=b0", nested + "--b20\r\n\r\n" + content);
  INFO("flat " << flat << " s, deep " << deep << " s");
  CHECK(deep < flat * 5 + 0.05);

  // One field after another, one encoded word after another, never finished.
  std::string fields = "--b\r\n";
  while (fields.size() < 5'000'000) fields += "a:\r\n";
  CHECK(seconds_for("multipart/mixed; boundary=b", fields) < 2);
  std::string words = "--b\r\nContent-Type: a/b; name=\"";
  while (words.size() < 2'000'000) words += "=?a?q?x";
  CHECK(seconds_for("multipart/mixed; boundary=b", words) < 2);
  std::string dashes = "--b\r\n\r\n";
  while (dashes.size() < 5'000'000) dashes += "--\r\n";
  CHECK(seconds_for("multipart/mixed; boundary=b", dashes) < 2);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/part_tree.hpp"

#include "unit/mime/tree_text.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

using namespace pec::mime;

namespace {

HeaderList header_of(const std::string& content_type) {
  HeaderList header;
  header.add_raw("Content-Type", " " + content_type);
  return header;
}

PartTree parse(const std::string& content_type, std::string_view body,
               const ParseLimits& limits = {}) {
  return parse_message(header_of(content_type), body, limits);
}

// A body under the content type, and the tree that must come of it: types, then leaves' contents.
struct Case {
  const char* rule;
  const char* content_type;
  const char* body;
  const char* types;
  const char* texts;
};

const Case cases[] = {
    {"a message without MIME is one text part", "text/plain", "Hello\r\n", "text/plain",
     "[Hello\r\n]"},
    {"the line end before a boundary belongs to the boundary", "multipart/mixed; boundary=b",
     "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n\r\n--b--\r\n", "multipart/mixed(text/plain,text/plain)",
     "[one][two\r\n]"},
    {"preamble and epilogue are nobody's", "multipart/mixed; boundary=b",
     "for old readers\r\n--bad\r\n--b\r\n\r\none\r\n--b--\r\nthe end\r\n--b\r\n\r\nlate\r\n",
     "multipart/mixed(text/plain)", "[one]"},
    {"a part's header may be empty", "multipart/mixed; boundary=b",
     "--b\r\n\r\n\r\none\r\n--b--\r\n", "multipart/mixed(text/plain)", "[\r\none]"},
    {"a part may be empty", "multipart/mixed; boundary=b", "--b\r\n--b\r\n\r\n--b--\r\n",
     "multipart/mixed(text/plain,text/plain)", "[][]"},
    {"a part may be a header alone", "multipart/mixed; boundary=b",
     "--b\r\nContent-Type: text/html\r\n--b\r\nContent-Type: text/css\r\n\r\n--b--\r\n",
     "multipart/mixed(text/html,text/css)", "[][]"},
    {"a boundary may end the text without a line end", "multipart/mixed; boundary=b",
     "--b\r\n\r\none\r\n--b--", "multipart/mixed(text/plain)", "[one]"},
    {"blanks after a boundary are padding", "multipart/mixed; boundary=b",
     "--b \t\r\n\r\none\r\n--b-- \r\n", "multipart/mixed(text/plain)", "[one]"},
    {"a boundary counts at the begin of a line only, and alone on it",
     "multipart/mixed; boundary=b",
     "--b\r\n\r\n --b\r\nx--b\r\n--b x\r\n--b-\r\n--b---\r\n--b--\r\n",
     "multipart/mixed(text/plain)", "[ --b\r\nx--b\r\n--b x\r\n--b-\r\n--b---]"},
    {"the case of a boundary matters", "multipart/mixed; boundary=b",
     "--b\r\n\r\none\r\n--B\r\n--b--\r\n", "multipart/mixed(text/plain)", "[one\r\n--B]"},
    {"without the closing boundary the last part lasts to the end", "multipart/mixed; boundary=b",
     "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n", "multipart/mixed!(text/plain,text/plain)",
     "[one][two\r\n]"},
    {"a boundary that never comes leaves no part", "multipart/mixed; boundary=b", "one\r\n",
     "multipart/mixed!", "[one\r\n]"},
    {"an outer boundary ends inner parts", "multipart/mixed; boundary=out",
     "--out\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\n\r\none\r\n"
     "--out\r\n\r\ntwo\r\n--out--\r\n",
     "multipart/mixed(multipart/alternative!(text/plain),text/plain)", "[one][two]"},
    {"an inner boundary ends nothing after it was closed", "multipart/mixed; boundary=out",
     "--out\r\nContent-Type: multipart/alternative; "
     "boundary=in\r\n\r\n--in\r\n\r\none\r\n--in--\r\n"
     "--in\r\n\r\nno part\r\n--out--\r\n",
     "multipart/mixed(multipart/alternative(text/plain))", "[one]"},
    {"a boundary that begins like another is not confused with it", "multipart/mixed; boundary=a",
     "--a\r\nContent-Type: multipart/mixed; "
     "boundary=ab\r\n\r\n--ab\r\n\r\none\r\n--ab--\r\n--a--\r\n",
     "multipart/mixed(multipart/mixed(text/plain))", "[one]"},
    {"nor the other way round", "multipart/mixed; boundary=ab",
     "--ab\r\nContent-Type: multipart/mixed; "
     "boundary=a\r\n\r\n--a\r\n\r\none\r\n--ab\r\n\r\ntwo\r\n"
     "--ab--\r\n",
     "multipart/mixed(multipart/mixed!(text/plain),text/plain)", "[one][two]"},
    {"of two multiparts with one boundary the inner takes it until it is closed",
     "multipart/mixed; boundary=b",
     "--b\r\nContent-Type: multipart/mixed; "
     "boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\n"
     "two\r\n--b--\r\n",
     "multipart/mixed(multipart/mixed(text/plain),text/plain)", "[one][two]"},
    {"a boundary that looks like another's closing line is the innermost's",
     "multipart/mixed; boundary=b",
     "--b\r\nContent-Type: multipart/mixed; boundary=b--\r\n\r\n--b--\r\n\r\none\r\n--b----\r\n"
     "--b--\r\n",
     "multipart/mixed(multipart/mixed(text/plain))", "[one]"},
    {"a boundary goes before the reading of a header", "multipart/mixed; boundary=\"a:b\"",
     "--a:b\r\nContent-Type: text/html\r\n--a:b--\r\n", "multipart/mixed(text/html)", "[]"},
    {"a line that is not a field ends a part's header", "multipart/mixed; boundary=b",
     "--b\r\nContent-Type: text/html\r\nno field\r\n--b--\r\n", "multipart/mixed(text/html)",
     "[no field]"},
    {"a boundary may hold any of the odd characters",
     "multipart/mixed; boundary=\"'()+_,-./:=? x\"",
     "--'()+_,-./:=? x\r\n\r\none\r\n--'()+_,-./:=? x--\r\n", "multipart/mixed(text/plain)",
     "[one]"},
    {"a boundary may be folded inside its quotes", "multipart/mixed;\r\n boundary=\"a\r\n b\"",
     "--a b\r\n\r\none\r\n--a b--\r\n", "multipart/mixed(text/plain)", "[one]"},
    {"a boundary may hold quoted pairs", "multipart/mixed; boundary=\"a\\\"\\\\b\"",
     "--a\"\\b\r\n\r\none\r\n--a\"\\b--\r\n", "multipart/mixed(text/plain)", "[one]"},
    {"a boundary may come in the form of RFC 2231", "multipart/mixed; boundary*0=a%; boundary*1=b",
     "--a%b\r\n\r\none\r\n--a%b--\r\n", "multipart/mixed(text/plain)", "[one]"},
    {"and with a character set", "multipart/mixed; boundary*=us-ascii''a%20b",
     "--a b\r\n\r\none\r\n--a b--\r\n", "multipart/mixed(text/plain)", "[one]"},
    {"a boundary is not decoded as an encoded word", "multipart/mixed; boundary=\"=?utf-8?q?b?=\"",
     "--=?utf-8?q?b?=\r\n\r\none\r\n--=?utf-8?q?b?=--\r\n", "multipart/mixed(text/plain)", "[one]"},
    {"blanks at the end of a boundary don't count", "multipart/mixed; boundary=\"b \"",
     "--b\r\n\r\none\r\n--b--\r\n", "multipart/mixed(text/plain)", "[one]"},
    {"comments in a content type don't count", "Multipart/Mixed (a; b (c)); BOUNDARY=b",
     "--b\r\n\r\none\r\n--b--\r\n", "multipart/mixed(text/plain)", "[one]"},
    {"a multipart without boundary is a leaf", "multipart/mixed", "--b\r\n\r\none\r\n--b--\r\n",
     "multipart/mixed!", "[--b\r\n\r\none\r\n--b--\r\n]"},
    {"so is one with an empty boundary", "multipart/mixed; boundary=\"\"",
     "--\r\n\r\none\r\n----\r\n", "multipart/mixed!", "[--\r\n\r\none\r\n----\r\n]"},
    {"a message/rfc822 has the message as its child", "multipart/mixed; boundary=b",
     "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n"
     "one\r\n--b--\r\n",
     "multipart/mixed(message/rfc822(text/html))", "[one]"},
    {"boundaries inside an embedded message count", "message/rfc822",
     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n",
     "message/rfc822(multipart/mixed(text/plain))", "[one]"},
    {"an encoded message/rfc822 is a leaf", "multipart/mixed; boundary=b",
     "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: BASE64\r\n\r\n"
     "U3ViamVjdDogeAo=\r\n--b\r\nContent-Type: message/rfc822\r\n"
     "Content-Transfer-Encoding: quoted-printable (why)\r\n\r\nSubject: x\r\n--b--\r\n",
     "multipart/mixed(message/rfc822,message/rfc822)", "[U3ViamVjdDogeAo=][Subject: x]"},
    {"an 8-bit or binary message/rfc822 has the message as its child",
     "multipart/mixed; boundary=b",
     "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
     "Subject: x\r\n\r\n\xe8\r\n--b\r\nContent-Type: message/rfc822\r\n"
     "Content-Transfer-Encoding: Binary\r\n\r\nSubject: x\r\n\r\none\r\n--b\r\n"
     "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit (why)\r\n\r\n"
     "Subject: x\r\n\r\ntwo\r\n--b--\r\n",
     "multipart/mixed(message/rfc822(text/plain),message/rfc822(text/plain),"
     "message/rfc822(text/plain))",
     "[\xe8][one][two]"},
    {"an empty message/rfc822 has an empty message", "multipart/mixed; boundary=b",
     "--b\r\nContent-Type: message/rfc822\r\n\r\n--b--\r\n",
     "multipart/mixed(message/rfc822(text/plain))", "[]"},
    {"parts of a digest are messages", "multipart/digest; boundary=b",
     "--b\r\n\r\nSubject: x\r\n\r\none\r\n--b--\r\n",
     "multipart/digest(message/rfc822(text/plain))", "[one]"},
    {"an unreadable content type counts as plain text", "multipart/mixed; boundary=b",
     "--b\r\nContent-Type: nonsense\r\n\r\none\r\n--b--\r\n", "multipart/mixed(text/plain)",
     "[one]"},
    {"lines may end with LF alone", "multipart/mixed; boundary=b",
     "--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n\n--b--\n",
     "multipart/mixed(text/plain,text/html)", "[one][two\n]"},
    {"CR alone ends no line, not even the last", "multipart/mixed; boundary=b",
     "--b\r\n\r\none\r\n--b--\r", "multipart/mixed!(text/plain)", "[one\r\n--b--\r]"},
    {"CR alone is no empty line: it ends a header and belongs to the content",
     "multipart/mixed; boundary=b", "--b\r\nContent-Type: text/html\r\n\r\r\n--b--\r\n",
     "multipart/mixed(text/html)", "[\r]"},
    {"an empty body has no parts", "multipart/mixed; boundary=b", "", "multipart/mixed!", "[]"},
};

}  // namespace

TEST_CASE("the structure of a message is found by its boundaries", "[rfc2046]") {
  for (const Case& each : cases) {
    INFO(each.rule);
    const PartTree tree = parse(each.content_type, each.body);
    CHECK(types_of(tree.root) == each.types);
    CHECK(texts_of(tree.root, each.body) == each.texts);
    CHECK_FALSE(tree.truncated());
  }
}

TEST_CASE("the entity of a part is the exact text that a signature covers", "[rule:4.3]") {
  const std::string entity =
      "Content-Type: text/plain\r\nX-Folded: a\r\n\tb  \r\n\r\n\r\nCorpo \r\n\r\n";
  const std::string body = "preamble\r\n--s\r\n" + entity + "\r\n--s\r\n\r\nsignature\r\n--s--\r\n";
  const PartTree tree = parse("multipart/signed; boundary=s", body);
  REQUIRE(tree.root.children.size() == 2);
  CHECK(tree.root.children[0].entity(body) == entity);
  CHECK(tree.root.children[0].content(body) == "\r\nCorpo \r\n\r\n");
  CHECK(tree.root.children[0].header.unfolded("x-folded") == "a\tb");
}

TEST_CASE("an entity that ends in CR reads the same alone", "[rule:4.3]") {
  const std::string entity = "Content-Type: text/plain\r\n\r";
  const std::string body = "--s\r\n" + entity + "\r\n--s--\r\n";
  const PartTree tree = parse("multipart/signed; boundary=s", body);
  REQUIRE(tree.root.children.size() == 1);
  REQUIRE(tree.root.children[0].entity(body) == entity);
  const auto alone = parse_header(entity).body_offset;
  CHECK(tree.root.children[0].content(body) == std::string_view(entity).substr(alone));
}

TEST_CASE("the message in a message/rfc822 begins where the part's content begins") {
  const std::string original = "Subject: x\r\nMessage-ID: <1@alfa.example>\r\n\r\none\r\n";
  const std::string body =
      "--b\r\nContent-Type: message/rfc822\r\n\r\n" + original + "\r\n--b--\r\n";
  const PartTree tree = parse("multipart/mixed; boundary=b", body);
  const Part& embedded = tree.root.children.at(0);
  REQUIRE(embedded.children.size() == 1);
  CHECK(embedded.content(body) == original);
  CHECK(embedded.children[0].entity_begin == embedded.content_begin);
  CHECK(embedded.children[0].entity(body) == original);
  CHECK(embedded.children[0].header.unfolded("Message-ID") == "<1@alfa.example>");
}

TEST_CASE("nesting beyond the limit is kept as a leaf, and said") {
  // Hostile: each part opens another multipart, with a boundary of its own and never closed.
  std::string body, outer_type = "multipart/mixed; boundary=b0";
  for (int i = 1; i <= 1000; ++i)
    body += "--b" + std::to_string(i - 1) + "\r\nContent-Type: multipart/mixed; boundary=b" +
            std::to_string(i) + "\r\n\r\n";
  const PartTree tree = parse(outer_type, body);
  CHECK(tree.truncated());
  std::size_t depth = 0;
  const Part* part = &tree.root;
  for (; !part->children.empty(); part = &part->children.front()) ++depth;
  CHECK(depth == ParseLimits{}.max_depth);
  CHECK(part->is_multipart());
  CHECK(part->content(body).starts_with("--b100\r\n"));

  std::string messages;
  for (int i = 0; i < 1000; ++i) messages += "Content-Type: message/rfc822\r\n\r\n";
  CHECK(parse("message/rfc822", messages).truncated());

  CHECK_FALSE(parse("multipart/mixed; boundary=b", "--b\r\n\r\none\r\n--b--", {.max_depth = 1})
                  .truncated());
}

TEST_CASE("parts beyond the limit are left out, and said") {
  const std::string body = "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b\r\n\r\nthree\r\n--b--\r\n";
  const PartTree tree = parse("multipart/mixed; boundary=b", body, {.max_parts = 3});
  CHECK(tree.truncated());
  CHECK(tree.root.closed);
  CHECK(texts_of(tree.root, body) == "[one][two]");
  CHECK_FALSE(parse("multipart/mixed; boundary=b", body, {.max_parts = 4}).truncated());
}

TEST_CASE("headers beyond the limit are cut off, and said") {
  std::string body = "--b\r\n";
  for (int i = 0; i < 1000; ++i) body += "a:\r\n";
  body += "\r\none\r\n--b--\r\n";
  const PartTree tree = parse("multipart/mixed; boundary=b", body, {.max_header_octets = 400});
  CHECK(tree.truncated());
  CHECK(tree.root.children.at(0).header.size() == 100);
  CHECK(tree.root.children.at(0).content(body).ends_with("\r\none"));
  CHECK_FALSE(parse("multipart/mixed; boundary=b", body).truncated());
}

TEST_CASE("a part's file name is its filename, or else its name") {
  const auto name_of = [](const char* header_text) {
    Part part;
    part.header = parse_header(header_text).fields;
    part.content_type = parse_parameterised(part.header.unfolded("Content-Type"));
    return part.file_name();
  };
  CHECK(name_of("Content-Type: a/b; name=x\r\nContent-Disposition: inline; filename=y\r\n") == "y");
  CHECK(name_of("Content-Type: a/b; name=x\r\nContent-Disposition: inline\r\n") == "x");
  CHECK(name_of("Content-Type: a/b; name=\"daticert.xml\"\r\n") == "daticert.xml");
  CHECK(name_of("Content-Type: a/b\r\n") == "");
}

TEST_CASE("a leaf's content is decoded by its transfer encoding") {
  const auto decoded = [](const std::string& encoding, const std::string& content) {
    const std::string body =
        "--b\r\nContent-Transfer-Encoding:" + encoding + "\r\n\r\n" + content + "\r\n--b--\r\n";
    return decode_content(parse("multipart/mixed; boundary=b", body).root.children.at(0), body);
  };
  CHECK(decoded(" base64", "Y2l0\r\ndMOg") == "citt\xc3\xa0");
  CHECK(decoded(" Base64 ", "Y2l0*dM\r\n Og") == "citt\xc3\xa0");
  CHECK(decoded(" base64", "Y2l0dA==\r\nw6A=\r\n") == "citt\xc3\xa0");  // made of two pieces
  CHECK(decoded(" quoted-printable", "perch=C3=A9 =\r\nno=3D \r\n=zz") ==
        "perch\xc3\xa9 no= \r\n=zz");
  CHECK(decoded(" 8bit", "a=3D\xe9") == "a=3D\xe9");
  CHECK(decoded(" x-unknown", "YQ==") == "YQ==");
  CHECK(decoded(" base64", "") == "");
}

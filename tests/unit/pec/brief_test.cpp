// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/brief.hpp"

#include "mime/message.hpp"
#include "mime/part_tree.hpp"

#include <catch2/catch.hpp>

using namespace pec;

namespace {

std::string brief(const std::string& original) {
  return brief_original(mime::Bytes::of(original)).str();
}

// printf 'AAAA\r\nBBBB' | sha1sum
const std::string hash = "8eff9b380bd66b5ced3dae0dc172f1a6e2fb7033";

// A name that is not a token (RFC 2045, 5.1) is quoted.
std::string hash_file(const std::string& name, const std::string& digest) {
  const std::string quote = name.find(' ') == std::string::npos ? "" : "\"";
  const auto file = quote + name + ".hash" + quote;
  return "Content-Type: text/plain; name=" + file +
         "\r\nContent-Disposition: attachment; filename=" + file + "\r\n\r\n" + digest;
}

}  // namespace

TEST_CASE("a named part becomes a file with its hash, the rest stays", "[rule:5][rule:3.3.2.2]") {
  const std::string head =
      "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nCiao.\r\n--b\r\n";
  const std::string attachment =
      "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"a b.pdf\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\nBBBB";
  const std::string tail = "\r\n--b--\r\nepilogue\r\n";
  CHECK(brief(head + attachment + tail) == head + hash_file("a b.pdf", hash) + tail);
}

TEST_CASE("names in any form are kept, with .hash behind", "[rule:5][rule:3.3.2.2]") {
  const auto name_of = [](const std::string& fields) {
    const auto message = brief("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + fields +
                               "\r\nAAAA\r\nBBBB\r\n--b--\r\n");
    CHECK(message.find(hash) != std::string::npos);
    CHECK(message.find("AAAA") == std::string::npos);
    const auto body = message.substr(message.find("\r\n\r\n") + 4);
    const auto tree =
        mime::parse_message(mime::split_message(mime::Bytes::of(message)).header, body);
    return tree.root.children.at(0).file_name();
  };
  CHECK(name_of("Content-Type: application/pdf; name=a.pdf\r\n") == "a.pdf.hash");
  CHECK(name_of("Content-Disposition: inline; filename*=utf-8''perch%C3%A9.txt\r\n") ==
        "perché.txt.hash");
  CHECK(name_of("Content-Type: text/plain; name=\"=?utf-8?q?perch=C3=A9.txt?=\"\r\n") ==
        "perché.txt.hash");
  CHECK(name_of("Content-Type: message/rfc822\r\n") == "messaggio.eml.hash");
  CHECK(name_of("Content-Type: message/rfc822; name=x.eml\r\n") == "x.eml.hash");
}

TEST_CASE("nested parts are searched, parts without names are left alone",
          "[rule:5][rule:3.3.2.2]") {
  const std::string start =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
      "Content-Type: multipart/alternative; boundary=c\r\n\r\n"
      "--c\r\n\r\ntext\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>\r\n--c\r\n";
  const std::string end = "\r\n--c--\r\n--b--\r\n";
  const auto named = "Content-Type: image/png; name=i.png\r\n\r\nAAAA\r\nBBBB";
  CHECK(brief(start + named + end) == start + hash_file("i.png", hash) + end);
  CHECK(brief(start + "\r\nplain" + end) == start + "\r\nplain" + end);
}

TEST_CASE("of a signed original only the first part changes", "[rule:5][rule:3.3.2.2]") {
  const std::string head =
      "Content-Type: multipart/signed; boundary=s; protocol=\"application/pkcs7-signature\"\r\n\r\n"
      "--s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
  const std::string attachment = "Content-Type: image/png; name=i.png\r\n\r\nAAAA\r\nBBBB";
  const std::string tail =
      "\r\n--b--\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\n"
      "SIGN\r\n--s--\r\n";
  CHECK(brief(head + attachment + tail) == head + hash_file("i.png", hash) + tail);

  const auto start = head.substr(0, head.find("--s\r\n") + 5);
  CHECK(brief(start + attachment + tail.substr(tail.find("\r\n--s\r\n"))) ==
        start + hash_file("i.png", hash) + tail.substr(tail.find("\r\n--s\r\n")));
}

TEST_CASE("an opaque S/MIME original is left as it is", "[rule:5][rule:3.3.2.2]") {
  for (const std::string type : {"application/pkcs7-mime", "application/x-pkcs7-mime"}) {
    const auto opaque = "Content-Type: " + type + "; name=smime.p7m\r\n\r\nAAAA\r\n";
    CHECK(brief(opaque) == opaque);
  }
}

TEST_CASE("a message that is itself an attachment keeps its other fields",
          "[rule:5][rule:3.3.2.2]") {
  CHECK(brief("Subject: x\r\nContent-Type: application/pdf; name=a.pdf\r\n"
              "Content-Transfer-Encoding: base64\r\nX-Y: z\r\n\r\nAAAA\r\nBBBB") ==
        "Subject: x\r\nX-Y: z\r\n" + hash_file("a.pdf", hash) + "\r\n");
  CHECK(brief("Subject: x\r\n\r\nno attachment\r\n") == "Subject: x\r\n\r\nno attachment\r\n");
}

TEST_CASE("an original of too many parts to be taken apart stays whole", "[rule:5][rule:3.3.2.2]") {
  const std::string head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  const std::string part = "--b\r\nContent-Type: image/png; name=i.png\r\n\r\nAAAA\r\nBBBB\r\n";
  const auto original = [&](int parts) {
    std::string whole = head;
    for (int i = 0; i < parts; ++i) whole += part;
    return whole + "--b--\r\n";
  };
  CHECK((brief(original(10'050)) == original(10'050)));
  CHECK((brief(original(9'000)).find("AAAA") == std::string::npos));
}

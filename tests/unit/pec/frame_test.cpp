// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/frame.hpp"

#include "mime/encoder.hpp"
#include "support/domain_fixtures.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

// A hand-made signed message; each piece can be made wrong.
struct Frame {
  std::string header = "MIME-Version: 1.0\r\n";
  std::string type =
      "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; "
      "boundary=\"SIG\"";
  std::string preamble = "This is an S/MIME signed message\r\n\r\n";
  std::string open = "--SIG\r\n";
  std::string first =
      "Content-Type: multipart/mixed; boundary=\"MIX\"\r\n\r\n"
      "--MIX\r\n\r\nciao\r\n--MIX--\r\n";
  std::string second_header =
      "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n";
  std::string signature = "Zmlybb==";
  std::string close = "\r\n--SIG--\r\n";
  std::string epilogue = "\r\n";

  std::string whole() const {
    return header + "Content-Type: " + type + "\r\n\r\n" + preamble + open + first + "\r\n" + open +
           second_header + signature + close + epilogue;
  }
  Result<SignedParts> read() const {
    const auto message = message_of(whole());
    auto parts = read_frame(message);
    // The parts point into the message, so only this test's own copy is compared.
    if (parts) CHECK(parts->content == first);
    return parts;
  }
};

// The reason for its refusal.
std::string refusal(const Frame& frame) {
  CAPTURE(frame.whole());
  const auto parts = frame.read();
  if (parts) {
    CHECK_FALSE(parts);
    return "";
  }
  CHECK(parts.error().fault == Fault::rejected);
  return parts.error().detail;
}

void accepted(const Frame& frame) {
  CAPTURE(frame.whole());
  const auto parts = frame.read();
  INFO((parts ? std::string() : parts.error().detail));
  CHECK(parts);
}

std::string with_type(const std::string& parameters) {
  Frame frame;
  frame.type = "multipart/signed; protocol=\"application/pkcs7-signature\"; " + parameters;
  return refusal(frame);
}

using Catch::Contains;

}  // namespace

TEST_CASE("the frame that providers write is read: exact bytes, decoded signature, the tree within",
          "[rule:4]") {
  const Frame frame;
  const auto message = message_of(frame.whole());
  const auto parts = value_of(read_frame(message));
  CHECK(parts.content == frame.first);
  CHECK(parts.signature == "firm");
  CHECK(parts.signed_part.content_type.value == "multipart/mixed");
  REQUIRE(parts.signed_part.children.size() == 1);
  CHECK(parts.signed_part.entity(message.body.view) == frame.first);
  CHECK(parts.signed_part.children.front().content(message.body.view) == "ciao");
}

TEST_CASE("a message that does not claim to be signed has no frame at all", "[rule:4]") {
  Frame frame;
  const auto not_signed = [&](const std::string& type) {
    frame.type = type;
    CHECK(error_of(frame.read()).fault == Fault::bad_input);
  };
  not_signed("text/plain");
  not_signed("multipart/mixed; boundary=\"SIG\"");
  not_signed("multipart/signed; protocol=\"application/pgp-signature\"; boundary=\"SIG\"");
  not_signed("multipart/signed; boundary=\"SIG\"");
}

TEST_CASE("the outer Content-Type can be read in one way only", "[rule:4]") {
  CHECK_THAT(with_type("boundary=\"SIG\"; boundary=\"OTHER\""), Contains("boundary twice"));
  CHECK_THAT(with_type("boundary*=us-ascii''SIG; boundary=\"SIG\""), Contains("name"));
  CHECK_THAT(with_type("boundary*0=SI; boundary*1=G; boundary=\"SIG\""), Contains("name"));
  CHECK_THAT(with_type("boundary*=us-ascii''SIG"), Contains("name"));
  CHECK_THAT(with_type("boundary=\"S\\IG\""), Contains("boundary"));
  CHECK_THAT(with_type("boundary=\"=?us-ascii?q?SIG?=\""), Contains("boundary"));
  CHECK_THAT(with_type("boundary=(x)SIG"), Contains("boundary"));
  CHECK_THAT(with_type("boundary=SIG (x)"), Contains("parameter"));
  CHECK_THAT(with_type("(x) boundary=SIG"), Contains("name"));
  CHECK_THAT(with_type("boundary =SIG"), Contains("name"));
  CHECK_THAT(with_type("boundary= SIG"), Contains("boundary"));
  CHECK_THAT(with_type("boundary=\"SIG"), Contains("boundary"));
  CHECK_THAT(with_type("boundary=\"SI\r\n G\""), Contains("boundary"));
  CHECK_THAT(with_type("boundary=\"SIG \""), Contains("boundary"));
  CHECK_THAT(with_type("boundary=\"\""), Contains("boundary"));
  CHECK_THAT(with_type("boundary=\"SIG--\""), Contains("boundary"));
  CHECK_THAT(with_type("boundary=\"S*G\""), Contains("boundary"));
  CHECK_THAT(with_type("boundary=\"" + std::string(71, 'b') + "\""), Contains("boundary"));
  CHECK_THAT(with_type("boundary=SIG; x"), Contains("name"));
  CHECK_THAT(with_type("boundary=SIG;; x=y"), Contains("name"));
  CHECK_THAT(with_type("x=y"), Contains("no boundary"));
  CHECK_THAT(with_type("boundary=SIG;\r\n \r\n x=y"), Contains("empty line"));
  CHECK_THAT(with_type("boundary=SIG; x=\xe8"), Contains("ASCII"));
  CHECK_THAT(with_type("boundary=SIG; x=\"" + std::string(1000, 'x') + "\""), Contains("octets"));

  Frame twice;
  twice.header += "Content-Type: text/plain\r\n";
  CHECK_THAT(refusal(twice), Contains("more than once"));
  Frame encoded;
  encoded.header += "Content-Transfer-Encoding: base64\r\n";
  CHECK_THAT(refusal(encoded), Contains("encoded"));
  encoded.header =
      "MIME-Version: 1.0\r\nContent-Transfer-Encoding: 7bit\r\n"
      "content-transfer-encoding: 7bit\r\n";
  CHECK_THAT(refusal(encoded), Contains("more than once"));

  Frame folded;
  folded.type =
      "Multipart/Signed ;\r\n\tprotocol=\"application/x-pkcs7-signature\" ;\r\n"
      "  micalg=sha1;boundary=SIG;";
  accepted(folded);
  folded.header = "mime-version:1.0\r\nContent-Transfer-Encoding: 8BIT\r\n";
  accepted(folded);
}

TEST_CASE("the outer header leaves no doubt where it ends", "[rule:4]") {
  Frame frame;
  frame.header = "";
  CHECK_THAT(refusal(frame), Contains("MIME-Version"));
  frame.header = "MIME-Version: 2.0\r\n";
  CHECK_THAT(refusal(frame), Contains("MIME-Version"));
  frame.header = "MIME-Version: 1.0\r\nMIME-Version: 1.0\r\n";
  CHECK_THAT(refusal(frame), Contains("more than once"));
  frame.header = "MIME-Version: 1.0\r\nX-A : b\r\n";
  CHECK_THAT(refusal(frame), Contains("field name"));

  auto message = message_of(Frame().whole());
  for (const std::string value : {" a\rContent-Type: text/plain", " a\nb", " a\r\nb"}) {
    auto stray = message;
    stray.header.add_raw("X-A", value);
    CHECK_THAT(read_frame(stray).error().detail, Contains("stray line end"));
  }
  message.header.add_raw("X-A", " a\r\n b");
  CHECK(read_frame(message));
}

TEST_CASE("nothing before, between or behind the two parts looks like a part", "[rule:4]") {
  const auto refused = [](auto change) {
    Frame frame;
    change(frame);
    return refusal(frame);
  };
  CHECK_THAT(refused([](Frame& f) { f.preamble = "--SIGNED\r\n\r\nfalse\r\n--SIGNED--\r\n"; }),
             Contains("more lines"));
  CHECK_THAT(refused([](Frame& f) { f.preamble = "--OTHER\r\n"; }), Contains("before the first"));
  CHECK_THAT(refused([](Frame& f) { f.preamble = "x\r\n--\r\n"; }), Contains("before the first"));
  CHECK_THAT(refused([](Frame& f) { f.preamble = "a\rb\r\n"; }), Contains("CRLF"));
  CHECK_THAT(refused([](Frame& f) { f.preamble = std::string("a\0\r\n", 4); }), Contains("NUL"));
  CHECK_THAT(refused([](Frame& f) { f.epilogue = "false\r\n"; }), Contains("follows its end"));
  CHECK_THAT(refused([](Frame& f) { f.epilogue = " \r\n"; }), Contains("follows its end"));
  CHECK_THAT(refused([](Frame& f) { f.close = "\r\n--SIG-- \r\n"; }), Contains("follows its end"));
  CHECK_THAT(refused([](Frame& f) { f.open = "--SIG \r\n"; }), Contains("on its line"));
  CHECK_THAT(refused([](Frame& f) { f.open = "--SIG--\r\n"; }), Contains("on its line"));
  CHECK_THAT(refused([](Frame& f) { f.open = "--SIG\n"; }), Contains("CRLF"));
  CHECK_THAT(refused([](Frame& f) { f.close = "\r\n"; }), Contains("two parts"));
  CHECK_THAT(refused([](Frame& f) { f.close = "\r\n--SIG\r\n"; }), Contains("with its boundary"));
  CHECK_THAT(refused([](Frame& f) { f.close = "\r\n--SIG\r\n\r\nx\r\n--SIG--\r\n"; }),
             Contains("more lines"));
  CHECK_THAT(refused([](Frame& f) { f.first = "\r\nx\r\n--SIGNED"; }), Contains("more lines"));

  Frame frame;
  frame.preamble = "";
  frame.close = "\r\n--SIG--";
  frame.epilogue = "";
  accepted(frame);
  frame.epilogue = "\r\n\r\n\r\n";
  accepted(frame);
  frame.preamble = "not a line -- that begins so\r\n -- nor this\r\n";
  accepted(frame);
}

TEST_CASE("the signed part ends with its own multipart, whatever is nested in it", "[rule:4]") {
  const auto first = [](std::string text) {
    Frame frame;
    frame.first = std::move(text);
    return frame;
  };
  const std::string mixed = "Content-Type: multipart/mixed; boundary=\"MIX\"\r\n\r\n";
  accepted(first(mixed + "--MIX\r\n\r\n--MIX--\r\n\r\n"));
  accepted(first("\r\nplain text"));
  accepted(first("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nZmly"));
  // A multipart that is never closed, with the outer boundary in disguise as its own.
  accepted(first(mixed + "--MIX\r\nContent-Type: multipart/mixed; boundary*=us-ascii''%53IG\r\n"
                         "\r\nx\r\n--MIX--\r\n"));

  CHECK_THAT(refusal(first(mixed + "--MIX\r\n\r\nx")), Contains("does not end"));
  CHECK_THAT(refusal(first(mixed + "--MIX\r\n\r\nx\r\n--MIX--\r\nepilogue")),
             Contains("does not end"));
  CHECK_THAT(refusal(first(mixed + "--MIX\r\n\r\nx --MIX--\r\n")), Contains("does not end"));
  CHECK_THAT(refusal(first(mixed + "--MIX\r\n\r\n--MIX--")), Contains("does not end"));
  CHECK_THAT(refusal(first(mixed + "--MIX\r\nContent-Type: multipart/mixed; boundary=\"MIX--\"\r\n"
                                   "\r\nx\r\n--MIX--\r\n")),
             Contains("does not end"));
  CHECK_THAT(refusal(first("Content-Type: multipart/mixed; boundary*=us-ascii''%53IG\r\n\r\nx")),
             Contains("name"));
  CHECK_THAT(refusal(first("Content-Type: multipart/mixed; boundary=\"SIG\"\r\n\r\nx")),
             Contains("begins with"));
  CHECK_THAT(refusal(first("Content-Type: multipart/mixed; boundary=\"S\"\r\n\r\n--S--\r\n")),
             Contains("begins with"));
  CHECK_THAT(refusal(first("Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx")),
             Contains("message"));
  CHECK_THAT(refusal(first("Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx")),
             Contains("more than once"));
  CHECK_THAT(refusal(first("Content-Type: multipart/mixed; boundary=MIX\r\n"
                           "Content-Transfer-Encoding: base64\r\n\r\n--MIX--\r\n")),
             Contains("encoded"));
  CHECK_THAT(refusal(first("no field\r\n\r\nx")), Contains("not a field"));
  CHECK_THAT(refusal(first(" Content-Type: text/plain\r\n\r\nx")), Contains("not a field"));
  CHECK_THAT(refusal(first("Subject: x")), Contains("header does not end"));
  CHECK_THAT(refusal(first("X: " + std::string(70'000, 'x') + "\r\n\r\nx")),
             Contains("header does not end"));
}

TEST_CASE("the second part is a CMS signature in clean base64, of bounded size", "[rule:4]") {
  Frame frame;
  const auto with_header = [&](const std::string& header) {
    auto other = frame;
    other.second_header = header;
    return refusal(other);
  };
  CHECK_THAT(with_header("Content-Type: text/plain\r\n\r\n"), Contains("not a CMS signature"));
  CHECK_THAT(with_header("\r\n"), Contains("not a CMS signature"));
  CHECK_THAT(with_header("Content-Type: application/pkcs7-signature\r\n\r\n"), Contains("base64"));
  CHECK_THAT(with_header("Content-Type: application/pkcs7-signature\r\n"
                         "Content-Transfer-Encoding: base64\r\n"
                         "Content-Transfer-Encoding: 7bit\r\n\r\n"),
             Contains("more than once"));
  CHECK_THAT(with_header("Content-Type: application/pkcs7-signature; name*=x''y\r\n"
                         "Content-Transfer-Encoding: base64\r\n\r\n"),
             Contains("name"));
  for (const std::string bad :
       {"Zmlyb", "Zm-ybQ==", "Zm=ybQ==", "Zmly\r\n--X\r\n", "Z m l y b Q==", "Zmlyb==="}) {
    frame.signature = bad;
    CHECK_THAT(refusal(frame), Contains("base64"));
  }
  frame.signature = mime::encode_base64(std::string(170'000, 's'));
  accepted(frame);
  frame.signature = mime::encode_base64(std::string(200'000, 's'));
  CHECK_THAT(refusal(frame), Contains("more than 262144"));
}

TEST_CASE("the frame is found however many parts the signed part has", "[rule:4]") {
  Frame frame;
  frame.first = "Content-Type: multipart/mixed; boundary=\"MIX\"\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) frame.first += "--MIX\r\n\r\n";
  frame.first += "--MIX--\r\n";
  accepted(frame);

  frame.first = "Content-Type: multipart/mixed; boundary=\"MIX\"\r\n\r\n";
  std::string type = "\r\n--MIX\r\nContent-Type: multipart/mixed; boundary=\"{}\"\r\n\r\n";
  for (int i = 0; i < 500; ++i)
    frame.first += text::replace_all(type, "{}", "B" + std::to_string(i));
  frame.first += "\r\n--MIX--\r\n";
  accepted(frame);
}

TEST_CASE("everything that is composed here has such a frame", "[rule:8.1]") {
  constexpr std::array letters{Letter::acceptance,
                               Letter::non_acceptance,
                               Letter::non_acceptance_for_virus,
                               Letter::take_charge,
                               Letter::delivery_complete,
                               Letter::delivery_brief,
                               Letter::delivery_concise,
                               Letter::virus_detection,
                               Letter::non_delivery,
                               Letter::non_delivery_for_virus,
                               Letter::early_notice,
                               Letter::timeout_notice};
  const auto framed = [](Draft draft) {
    const auto content = draft.content.str();
    const auto message = sent(std::move(draft), alfa);
    const auto parts = read_frame(message);
    if (!parts) FAIL(parts.error().detail);
    CHECK(parts->content == content);
  };
  // As odd as an envelope's original may be (Postfix replaces stray line ends, and takes no NUL).
  auto original = message_of(simple_original + "--SIG\r\n--pec-signed\r\n--\r\n");
  original.header.add_raw("Reply-To", " a b \xe8\r\n \r\n c");
  original.header.add_raw("To", "");
  CertificationData data;
  data.kind = EventKind::transport_envelope;
  data.sender = "anna@pec.alfa.example";
  data.pec_id = "20261122041122.id1@pec.alfa.example";
  framed(compose_transport_envelope(original, data, stamp_of(morning), alfa));
  AnomalyContents anomaly;
  anomaly.stamp = stamp_of(morning);
  anomaly.id = "20261122041122.id7@pec.alfa.example";
  framed(compose_anomaly_envelope(original, anomaly, alfa));
  for (const auto letter : letters) {
    ReceiptContents contents;
    contents.letter = letter;
    contents.data = data;
    contents.stamp = stamp_of(morning);
    contents.message_id = "20261122041122.id2@pec.alfa.example";
    contents.to = "anna@pec.alfa.example";
    contents.original = original.wire();
    framed(compose_receipt(contents, alfa));
  }
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/compose.hpp"

#include "mime/encoded_word.hpp"
#include "mime/part_tree.hpp"
#include "pec/pec_message.hpp"
#include "support/domain_fixtures.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

mime::Message envelope_of(const std::string& original, std::vector<std::string> recipients = {}) {
  auto submission = simple_submission();
  if (!recipients.empty()) submission.recipients = std::move(recipients);
  auto decision = decide_access(message_of(original), submission, access_facts());
  INFO(decision.reason);
  REQUIRE(std::holds_alternative<Replace>(decision.action));
  REQUIRE_FALSE(decision.route);  // else it is a notice
  return sent(decision, alfa);
}

std::string embedded_in(const mime::Message& message) {
  const auto parts = value_of(read_frame(message));
  const auto read = value_of(read_pec_message(message, parts, {alfa.address}));
  REQUIRE(read.original);
  return std::string(read.original->view);
}

std::vector<std::string> names_of(const mime::HeaderList& header) {
  std::vector<std::string> names;
  for (const auto& field : header) names.push_back(field.name);
  return names;
}

// A header that passes the checks, with more fields, then a body.
std::string original_with(const std::string& more_header, const std::string& body) {
  return "From: anna@pec.alfa.example\r\nTo: bruno@pec.beta.example\r\n"
         "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n" +
         more_header + "\r\n" + body;
}

// The beginning of an embedded original.
const std::string own_id = "Message-ID: <20261122041122.id1@pec.alfa.example>\r\n";

std::string embedded_original(const std::string& more_header, const std::string& body) {
  return embedded_in(envelope_of(original_with(more_header, body), {"bruno@pec.beta.example"}));
}

}  // namespace

TEST_CASE("the envelope's header is complete and in the fixed order", "[rule:3][rule:8.1]") {
  const auto envelope = envelope_of(
      "Received: by a\r\nReceived: by b\r\nReturn-Path: <r@x.example>\r\n" + simple_original);
  const auto& header = envelope.header;
  CHECK(names_of(header) == std::vector<std::string>{"Received", "Received", "Return-Path", "Date",
                                                     "From", "Reply-To", "To", "Cc", "Message-ID",
                                                     "Subject", "MIME-Version", "Content-Type",
                                                     "Content-Transfer-Encoding", "X-Trasporto",
                                                     "X-Riferimento-Message-ID", "X-TipoRicevuta"});
  CHECK(header.find("Date")->value == " Sun, 22 Nov 2026 05:11:22 +0100");
  CHECK(header.find("From")->value ==
        " \"Per conto di: anna@pec.alfa.example\" <posta-certificata@pec.alfa.example>");
  CHECK(header.find("Reply-To")->value == " anna@pec.alfa.example");
  CHECK(header.find("To")->value == " Bruno <bruno@pec.beta.example>");
  CHECK(header.find("Message-ID")->value == " <20261122041122.id1@pec.alfa.example>");
  CHECK(header.find("Subject")->value == " POSTA CERTIFICATA: Prova");
  CHECK(header.find("X-Trasporto")->value == " posta-certificata");
  CHECK(header.find("X-Riferimento-Message-ID")->value == " <client-1@pec.alfa.example>");
  CHECK(header.find("X-TipoRicevuta")->value == " completa");
}

TEST_CASE("Reply-To, To and Cc are handed on unmodified", "[rule:3][rule:3.1.5]") {
  const auto envelope = envelope_of(
      original_with("Reply-To:  R\r\n\t<r@x.example>\r\nCc:=?utf-8?q?=C3=A8?= <c@x.example>\r\n",
                    "x\r\n"),
      {"bruno@pec.beta.example"});
  CHECK(envelope.header.find_all("Reply-To").size() == 1);
  CHECK(envelope.header.find("Reply-To")->value == "  R\r\n\t<r@x.example>");
  CHECK(envelope.header.find("Cc")->value == "=?utf-8?q?=C3=A8?= <c@x.example>");
}

TEST_CASE("the structure is the one that every real client reads", "[rule:8.1][rule:4.3]") {
  const auto envelope = simple_envelope();
  const auto body = envelope.body.view;
  const auto tree = mime::parse_message(envelope.header, body);
  const auto& root = tree.root;
  CHECK(root.content_type.value == "multipart/signed");
  CHECK(root.content_type.parameter("protocol") == "application/pkcs7-signature");
  CHECK(root.content_type.parameter("micalg") == "sha-256");
  REQUIRE(root.children.size() == 2);
  const auto& mixed = root.children[0];
  CHECK(mixed.content_type.value == "multipart/mixed");
  REQUIRE(mixed.children.size() == 3);
  const auto& letter = mixed.children[0];
  CHECK(letter.content_type.value == "multipart/alternative");
  REQUIRE(letter.children.size() == 2);
  for (const auto& text : letter.children) {
    CHECK(text.content_type.parameter("charset") == "iso-8859-1");
    CHECK(text.header.unfolded("Content-Transfer-Encoding") == "quoted-printable");
    CHECK(text.header.unfolded("Content-Disposition") == "inline");
  }
  CHECK(letter.children[0].content_type.value == "text/plain");
  CHECK(letter.children[1].content_type.value == "text/html");
  CHECK(mixed.children[1].content_type.value == "application/xml");
  CHECK(mixed.children[1].file_name() == "daticert.xml");
  CHECK(mixed.children[1].header.unfolded("Content-Transfer-Encoding") == "base64");
  CHECK(mixed.children[2].content_type.value == "message/rfc822");
  CHECK(mixed.children[2].file_name() == "postacert.eml");
  CHECK(root.children[1].content_type.value == "application/pkcs7-signature");
  CHECK(root.children[1].file_name() == "smime.p7s");
}

TEST_CASE("the Message-ID becomes the PEC msgid, the old one is kept beside it",
          "[rule:2][rule:2.2.1]") {
  CHECK(embedded_in(simple_envelope()) ==
        "Message-ID: <20261122041122.id1@pec.alfa.example>\r\n"
        "X-Riferimento-Message-ID: <client-1@pec.alfa.example>\r\n"
        "From: Anna <anna@pec.alfa.example>\r\n"
        "To: Bruno <bruno@pec.beta.example>\r\n"
        "Cc: carla@pec.alfa.example, dario@ordinaria.example\r\n"
        "Subject: Prova\r\n"
        "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n"
        "\r\n"
        "Ciao.\r\n");
}

TEST_CASE("a message without Message-ID gets one, and no reference", "[rule:2.2.1]") {
  CHECK(embedded_original("", "x\r\n") == own_id + original_with("", "x\r\n"));
}

TEST_CASE("a Message-ID is kept on one line, without what stands around it", "[rule:2]") {
  const std::string reference = "X-Riferimento-Message-ID: <a@x.example>\r\n";
  for (const std::string field :
       {"message-id:\r\n <a@x.example>\r\n", "Message-ID: (by\r\n me) <a@x.example> (a (b))\r\n"})
    CHECK(embedded_original(field, "x\r\n") == own_id + reference + original_with("", "x\r\n"));
}

TEST_CASE("a reference that the client brought along stays, behind ours", "[rule:2]") {
  const std::string others = "X-Riferimento-Message-ID: <other@x.example>\r\n";
  CHECK(embedded_original(others, "x\r\n") == own_id + original_with(others, "x\r\n"));
  CHECK(embedded_original(others + "Message-ID: <a@x.example>\r\n", "x\r\n") ==
        own_id + "X-Riferimento-Message-ID: <a@x.example>\r\n" + original_with(others, "x\r\n"));
}

TEST_CASE("a message without Date gets one, as if its client had written it (RFC 6409, 8.1)",
          "[rule:2]") {
  const auto without = text::replace_all(original_with("X-A: 1\r\n", "x\r\n"),
                                         "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n", "");
  CHECK(embedded_in(envelope_of(without, {"bruno@pec.beta.example"})) ==
        own_id + "Date: Sun, 22 Nov 2026 05:11:22 +0100\r\n" + without);
}

namespace {

mime::HeaderList header_of_receipt(EventKind kind, Letter letter, const Identity& us,
                                   const std::string& msgid = "<client-1@pec.alfa.example>") {
  ReceiptContents contents;
  contents.letter = letter;
  contents.stamp = stamp_of(morning);
  contents.message_id = "id3@pec.alfa.example";
  contents.to = "anna@pec.alfa.example";
  contents.data.kind = kind;
  contents.data.sender = contents.to;
  contents.data.msgid = msgid;
  return compose_receipt(contents, us).header;
}

}  // namespace

TEST_CASE(
    "each message to the sender refers to the message sent, as an answer does (RFC 5322, 3.6.4)",
    "[rule:8.1]") {
  for (const auto& [kind, letter] :
       {std::pair(EventKind::acceptance, Letter::acceptance),
        std::pair(EventKind::non_acceptance, Letter::non_acceptance),
        std::pair(EventKind::delivery, Letter::delivery_complete),
        std::pair(EventKind::non_delivery, Letter::non_delivery),
        std::pair(EventKind::early_notice, Letter::early_notice),
        std::pair(EventKind::timeout_notice, Letter::timeout_notice)}) {
    CAPTURE(wire_name(kind));
    const auto header = header_of_receipt(kind, letter, alfa);
    CHECK(names_of(header) == std::vector<std::string>{"Date", "From", "To", "Message-ID",
                                                       "In-Reply-To", "References", "Subject",
                                                       "MIME-Version", "Content-Type",
                                                       "Content-Transfer-Encoding", "X-Ricevuta",
                                                       "X-Riferimento-Message-ID"});
    REQUIRE(header.find("In-Reply-To"));
    REQUIRE(header.find("References"));
    CHECK(header.find("In-Reply-To")->value == " <client-1@pec.alfa.example>");
    CHECK(header.find("References")->value == " <client-1@pec.alfa.example>");
  }
}

TEST_CASE("a receipt refers to nothing where nobody has the message, or has switched it off",
          "[rule:8.1]") {
  auto silent = alfa;
  silent.receipts_refer = false;
  for (const auto& header :
       {header_of_receipt(EventKind::acceptance, Letter::acceptance, silent),
        header_of_receipt(EventKind::acceptance, Letter::acceptance, alfa, ""),
        header_of_receipt(EventKind::delivery, Letter::delivery_concise, alfa, "client-1 <@x>"),
        // From provider to provider.
        header_of_receipt(EventKind::take_charge, Letter::take_charge, alfa),
        header_of_receipt(EventKind::virus_detection, Letter::virus_detection, alfa)}) {
    CHECK_FALSE(header.find("In-Reply-To"));
    CHECK_FALSE(header.find("References"));
  }
}

TEST_CASE("long texts of another provider are cut in Subject and texts, never in the XML",
          "[rule:4][rule:8.1]") {
  for (const std::string letter : {"x", "\u20ac", "\U0001f600"})
    for (const auto& [kind, name] :
         {std::pair(EventKind::delivery, Letter::delivery_concise),
          std::pair(EventKind::non_delivery, Letter::non_delivery),
          std::pair(EventKind::take_charge, Letter::take_charge),
          std::pair(EventKind::virus_detection, Letter::virus_detection),
          std::pair(EventKind::timeout_notice, Letter::timeout_notice)}) {
      ReceiptContents contents;
      contents.letter = name;
      contents.stamp = stamp_of(morning);
      contents.message_id = "id3@pec.alfa.example";
      contents.to = "giulia@pec.beta.example";
      contents.data.kind = kind;
      contents.data.sender = contents.data.reply_to = contents.to;
      contents.data.recipients = {{"anna@pec.alfa.example", true}};
      contents.data.provider = alfa.provider;
      contents.data.date = contents.stamp.date;
      contents.data.time = contents.stamp.time;
      contents.data.zone = contents.stamp.offset;
      contents.data.pec_id = "id1@pec.beta.example";
      contents.data.concerns = "anna@pec.alfa.example";
      // At the limit there is a letter of several octets.
      contents.data.subject = "a" + text::replace_all(std::string(70'000, '.'), ".", letter);
      contents.data.msgid = "<" + std::string(70'000, 'm') + ">";
      const auto data = contents.data;
      const auto receipt = sent(compose_receipt(contents, alfa), alfa);
      for (const auto& field : receipt.header) CHECK(field.value.size() < 50'000);
      CHECK_FALSE(receipt.header.find("X-Riferimento-Message-ID"));
      const auto shown = mime::decode_text(receipt.header.find("Subject")->value);
      CHECK(shown.ends_with(letter + "..."));
      CHECK(shown.size() > 20'000);
      CHECK(receipt.body.view.size() < 1'000'000);
      const auto tree = mime::parse_message(receipt.header, receipt.body.view);
      const auto& letters = tree.root.children.at(0).children.at(0).children;
      const auto plain = mime::decode_content(letters.at(0), receipt.body.view);
      CHECK(plain.size() < 60'000);
      CHECK(plain.find("...\"") != std::string::npos);
      const auto read = value_of(read_data(receipt, *read_frame(receipt)));
      CHECK((read == data));
    }
}

TEST_CASE("the original is embedded byte for byte", "[rule:2][rule:8.1]") {
  const auto survives = [](const std::string& more_header, const std::string& body) {
    CHECK(embedded_original(more_header, body) == own_id + original_with(more_header, body));
  };
  survives("X-A: 1\r\nX-A:2\r\nX-B:\tfolded\r\n\t more\r\n", "x\r\n");
  survives("Content-Type: text/plain; charset=utf-8\r\n", "perch\xc3\xa9 no\r\n");
  survives("X-A: 1\r\n", "perch\xe9\r\n");
  survives("", "");
  survives("", "no final line end");
  survives("", "\r\n\r\n");
  survives("", std::string(998, 'x') + "\r\n.\r\n..\r\n");
  survives("Content-Type: multipart/mixed; boundary=b\r\n",
           "--b\r\n\r\nx\r\n--b\r\nContent-Type: multipart/mixed; "
           "boundary=c\r\n\r\n--c\r\n\r\n--c--\r\n\r\n--b--\r\n");
}

TEST_CASE("8-bit content is declared all the way up", "[rule:8.1]") {
  const auto encoding_of = [](const std::string& body) {
    const auto envelope = envelope_of(original_with("", body), {"bruno@pec.beta.example"});
    const auto tree = mime::parse_message(envelope.header, envelope.body.view);
    const auto& mixed = tree.root.children.at(0);
    const auto name = "Content-Transfer-Encoding";
    const auto outer = envelope.header.unfolded(name);
    CHECK(mixed.header.unfolded(name) == outer);
    CHECK(mixed.children.at(2).header.unfolded(name) == outer);
    return outer;
  };
  CHECK(encoding_of("plain\r\n") == "7bit");
  CHECK(encoding_of(text::replace_all(std::string(200, '.'), ".", std::string(50, 'x') + "\r\n") +
                    "\xe8\r\n") == "8bit");
}

TEST_CASE("the subject is decoded, prefixed and encoded again", "[rule:8.1]") {
  const auto envelope =
      envelope_of(original_with("Subject: =?utf-8?b?UHJvdmEg5ryi5a2XIOKCrA==?=\r\n", "x\r\n"),
                  {"bruno@pec.beta.example"});
  const auto* subject = envelope.header.find("Subject");
  CHECK(subject->value.starts_with(" POSTA CERTIFICATA: "));
  CHECK(mime::decode_text(subject->value) == "POSTA CERTIFICATA: Prova 漢字 €");
}

TEST_CASE("neither subject nor addresses can put a line into a header", "[rule:8.1]") {
  // "\r\nX-Ricevuta: accettazione" hidden in an encoded word.
  const auto envelope = envelope_of(
      original_with("Subject: =?utf-8?b?YQ0KWC1SaWNldnV0YTogYWNjZXR0YXppb25l?=\r\n", "x\r\n"),
      {"bruno@pec.beta.example"});
  CHECK_FALSE(envelope.header.find("X-Ricevuta"));
  CHECK(mime::decode_text(envelope.header.find("Subject")->value)
            .starts_with("POSTA CERTIFICATA: a"));
}

TEST_CASE("an anomaly envelope inherits what must stay, in the fixed order", "[rule:7][rule:8.1]") {
  const auto arrived = message_of(
      "Received: from a by b\r\nReturn-Path: <g@o.example>\r\nX-Ricevuta: accettazione\r\n"
      "To:  \"Rossi, D\"\r\n <dario@pec.beta.example>\r\nFrom: Gianni <g@o.example>\r\n"
      "Message-ID: <1@o.example>\r\nReceived: from c by a\r\nSubject: x\r\n\r\nperch\xe9\r\n");
  AnomalyContents contents;
  contents.stamp = stamp_of(morning);
  contents.id = "id7@pec.beta.example";
  contents.sender = "g@o.example";
  contents.addressees = {"dario@pec.beta.example"};
  contents.subject = "x";
  contents.description = "non certificato";
  const auto envelope = sent(compose_anomaly_envelope(arrived, contents, beta), beta);
  CHECK(names_of(envelope.header) ==
        std::vector<std::string>{"Received", "Return-Path", "Received", "Date", "From", "Reply-To",
                                 "To", "Message-ID", "Subject", "MIME-Version", "Content-Type",
                                 "Content-Transfer-Encoding", "X-Trasporto"});
  CHECK(envelope.header.find("To")->value == "  \"Rossi, D\"\r\n <dario@pec.beta.example>");
  CHECK(envelope.header.unfolded("Message-ID") == "<1@o.example>");
  CHECK(envelope.header.unfolded("Date") == stamp_of(morning).header);
  CHECK(envelope.header.unfolded("Content-Transfer-Encoding") == "8bit");

  const auto parts = value_of(read_frame(envelope));
  REQUIRE(parts.signed_part.children.size() == 2);
  CHECK(parts.signed_part.children[0].content_type.value == "multipart/alternative");
  CHECK(parts.signed_part.children[1].content_type.value == "message/rfc822");
  CHECK(parts.signed_part.children[1].content(envelope.body.view) ==
        arrived.header.wire() + "\r\nperch\xe9\r\n");
}

TEST_CASE("the same message composed again is the same bytes") {
  const auto once = simple_envelope();
  const auto again = simple_envelope();
  CHECK(once.header == again.header);
  CHECK(once.body.view == again.body.view);
}

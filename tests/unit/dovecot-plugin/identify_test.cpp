// SPDX-License-Identifier: GPL-2.0-or-later

#include "dovecot-plugin/identify.hpp"

#include "base/text.hpp"
#include "pec/message_identity.hpp"
#include "support/results.hpp"
#include "unit/smime/signing_world.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <glib.h>

using namespace pec;
using namespace pec::delivery;
using namespace pec::test;

namespace {

const std::string boundary = "----C0FFEE00C0FFEE00C0FFEE00C0FFEE00";

std::string base64(std::string_view octets) {
  gchar* text = g_base64_encode(reinterpret_cast<const guchar*>(octets.data()), octets.size());
  std::string lines;
  for (std::string_view rest = text; !rest.empty();
       rest.remove_prefix(std::min<std::size_t>(rest.size(), 64)))
    lines.append(rest.substr(0, 64)).append("\r\n");
  g_free(text);
  return lines;
}

CertificationData data() {
  CertificationData data;
  data.kind = EventKind::delivery;
  data.sender = data.reply_to = "anna@pec.alfa.example";
  data.recipients = {{"bruno@pec.beta.example", true}};
  data.subject = "Prova";
  data.provider = "PEC Beta S.p.A.";
  data.date = "22/11/2026";
  data.time = "05:11:22";
  data.zone = "+0100";
  data.pec_id = "1@pec.alfa.example";
  data.concerns = "bruno@pec.beta.example";
  return data;
}

std::string receipt_part(const CertificationData& data, std::string_view words,
                         std::string_view name = "daticert.xml") {
  return fmt::format(
      "Content-Type: multipart/mixed; boundary=\"in\"\r\n\r\n"
      "--in\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n"
      "--in\r\nContent-Type: application/xml; name=\"{}\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n{}--in--\r\n",
      words, name, base64(write_xml(data)));
}

struct Message {
  std::string header = "X-Ricevuta: avvenuta-consegna\r\nMessage-ID: <r1@pec.beta.example>\r\n";
  std::string outer = boundary;
  std::string signed_part;
  std::string signature;

  std::string wire() const {
    return fmt::format(
        "{}MIME-Version: 1.0\r\nContent-Type: multipart/signed; "
        "protocol=\"application/x-pkcs7-signature\"; micalg=\"sha-256\"; boundary=\"{}\"\r\n\r\n"
        "This is an S/MIME signed message\r\n\r\n--{}\r\n{}\r\n--{}\r\n"
        "Content-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--{}--\r\n",
        header, outer, outer, signed_part, outer, base64(signature), outer);
  }
};

Result<std::string> identify(std::string_view wire, Claim claim, std::size_t chunk = 4096) {
  MessageIdentifier identifier(std::filesystem::temp_directory_path());
  for (; !wire.empty(); wire.remove_prefix(std::min(chunk, wire.size())))
    REQUIRE(identifier.append(wire.substr(0, chunk)));
  return identifier.finish(claim);
}

const test::SigningWorld& world() {
  static const test::SigningWorld world;
  return world;
}

const std::string& signature_of_beta() {
  static const std::string signature = world().sign_with(world().leaf({}));
  return signature;
}

}  // namespace

TEST_CASE("an envelope is told by what is signed, whatever stands around it", "[rule:4]") {
  Message message{.signed_part = "Content-Type: text/plain\r\n\r\ncittà\r\n", .signature = "x"};
  const auto identity = identify(message.wire(), Claim::envelope);
  REQUIRE(identity);
  CHECK(*identity == envelope_identity(message.signed_part));

  message.header = "X-Trasporto: errore\r\nSubject: another\r\nMessage-ID: <2@x>\r\n";
  message.outer = "----00000000000000000000000000000000";
  CHECK(identify(message.wire(), Claim::envelope) == identity);
  CHECK(identify(message.wire(), Claim::envelope, 1) == identity);
  message.signed_part += "!";
  CHECK(identify(message.wire(), Claim::envelope) != identity);
}

TEST_CASE("an envelope that does not fit into memory is told, too", "[rule:4]") {
  const std::string line(76, 'A');
  std::string body = "Content-Type: text/plain\r\n\r\n";
  while (body.size() < 3 * mime::BodySpool::memory_limit) body += line + "\r\n";
  const Message message{.signed_part = body, .signature = "x"};
  CHECK(identify(message.wire(), Claim::envelope) == envelope_identity(body));
}

TEST_CASE("a receipt is told by who says what of which message", "[rule:4]") {
  Message message{.signed_part = receipt_part(data(), "Il messaggio"),
                  .signature = signature_of_beta()};
  const auto identity = identify(message.wire(), Claim::receipt);
  INFO((identity ? "" : identity.error().detail));
  REQUIRE(identity);
  CHECK(*identity == receipt_identity(data(), test::address));

  // Made again, with other words, by a newer program.
  message.header = "X-Ricevuta: avvenuta-consegna\r\nMessage-ID: <r2@pec.beta.example>\r\n";
  message.signed_part = receipt_part(data(), "Un messaggio");
  CHECK(identify(message.wire(), Claim::receipt) == identity);

  auto other = data();
  other.time = "05:11:23";
  message.signed_part = receipt_part(other, "Il messaggio");
  CHECK(identify(message.wire(), Claim::receipt) != identity);

  message.signed_part = receipt_part(data(), "Il messaggio");
  message.signature =
      world().sign_with(world().leaf({.email = "posta-certificata@pec.gamma.example"}));
  CHECK(identify(message.wire(), Claim::receipt) != identity);
}

TEST_CASE("a message without a signed identity can't be identified") {
  Message message{.signed_part = receipt_part(data(), "Il messaggio"),
                  .signature = signature_of_beta()};
  const auto why = [&](Claim claim, const std::string& wire) {
    const auto identity = error_of(identify(wire, claim));
    CHECK(identity.fault == Fault::bad_input);
    return identity.detail;
  };
  CHECK(why(Claim::envelope, "") == "its header does not end");
  CHECK(why(Claim::envelope, "X-Trasporto: errore\r\n") == "its header does not end");
  CHECK_FALSE(why(Claim::envelope, "X-Trasporto: errore\r\n\r\nciao\r\n").empty());
  CHECK(why(Claim::envelope, "X: " + std::string(3 << 20, 'x') + "\r\n\r\n") ==
        "its header does not end");

  message.signed_part = receipt_part(data(), "Il messaggio", "other.xml");
  CHECK(why(Claim::receipt, message.wire()) == "it has no part daticert.xml");
  message.signed_part = text::replace_all(receipt_part(data(), ""), "--in--\r\n",
                                          "--in\r\nContent-Type: application/xml; "
                                          "name=\"daticert.xml\"\r\n\r\n<x/>\r\n--in--\r\n");
  CHECK(why(Claim::receipt, message.wire()) == "it has more than one part daticert.xml");
  message.signed_part = receipt_part(data(), "Il messaggio");
  message.signature = "x";
  CHECK(why(Claim::receipt, message.wire()).find("the signature is not a CMS structure") == 0);
}

TEST_CASE("a message that can't be kept aside now can be told later") {
  MessageIdentifier identifier("/dev/null/nothing");
  const auto kept =
      error_of(identifier.append(std::string(mime::BodySpool::memory_limit + 1, 'x')));
  CHECK(kept.fault == Fault::unavailable);
}

TEST_CASE("a CMS names its signer, whether or not it is good") {
  const auto addresses = value_of(smime::signer_addresses(signature_of_beta()));
  CHECK(addresses == std::vector{test::address});
  CHECK_FALSE(smime::signer_addresses(""));
  CHECK_FALSE(smime::signer_addresses(signature_of_beta().substr(1)));
  CHECK(smime::signer_addresses(std::string((256 << 10) + 1, 'x')).error().detail ==
        "the signature has more than 262144 octets");
}

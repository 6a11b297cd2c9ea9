// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/fingerprint.hpp"

#include <catch2/catch.hpp>

using namespace pec;

namespace {

std::string of(const std::string& header, const std::string& body) {
  return fingerprint(mime::split_message(mime::Bytes::of(header + "\r\n" + body)));
}

std::string of(const std::string& body) {
  return of("Content-Type: text/plain\r\n", body);
}

std::string with_attachment(const std::string& boundary, const std::string& attached) {
  return of("Content-Type: multipart/mixed; boundary=" + boundary + "\r\n",
            "--" + boundary + "\r\n\r\nIn allegato.\r\n--" + boundary +
                "\r\nContent-Type: application/pdf\r\n\r\n" + attached + "\r\n--" + boundary +
                "--\r\n");
}

}  // namespace

TEST_CASE("texts that differ in numbers, dates, case and blanks have one fingerprint") {
  const auto first = of("Gentile cliente,\r\nlunedì 3 marzo scade la fattura 2026/17.\r\n");
  CHECK(first == of("GENTILE  CLIENTE, mercoledì 12 Aprile scade la fattura 2026/4411."));
  CHECK(first == of("Gentile cliente: Friday 1, May, scade la fattura A9-X!\r\n\r\n"));
}

TEST_CASE("texts that differ in a word or in the order of words have different fingerprints") {
  const auto first = of("la fattura scade");
  CHECK(first != of("la fattura scadeva"));
  CHECK(first != of("la fattura non scade"));
  CHECK(first != of("scade la fattura"));
  CHECK(first != of("lafattura scade"));
}

TEST_CASE("a message without words has a fingerprint of its own") {
  CHECK(of("") == "empty");
  CHECK(of(" \r\n\t\r\n") == "empty");
  CHECK(of("12 34 -- ...\r\n") == "empty");
  CHECK(of("Subject: parole\r\n", "") == "empty");
  CHECK(of("parole") != "empty");
}

TEST_CASE("how a text is encoded makes no difference to its fingerprint") {
  const auto plain = of("perché no");
  CHECK(plain == of("Content-Transfer-Encoding: quoted-printable\r\n", "perch=C3=A9 n=\r\no\r\n"));
  CHECK(plain == of("Content-Transfer-Encoding: base64\r\n", "cGVyY2jDqSBubw==\r\n"));
}

TEST_CASE("boundaries make no difference to a fingerprint, attachments do") {
  CHECK(with_attachment("eins", "%PDF one") == with_attachment("zwei", "%PDF one"));
  CHECK(with_attachment("eins", "%PDF one") != with_attachment("eins", "%PDF two"));
  CHECK(with_attachment("eins", "%PDF one") != of("In allegato.\r\n"));
}

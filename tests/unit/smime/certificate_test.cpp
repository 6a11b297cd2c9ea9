// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/certificate.hpp"

#include "mime/digest.hpp"
#include "support/results.hpp"
#include "unit/smime/test_pki.hpp"

#include <catch2/catch.hpp>
#include <openssl/err.h>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;

TEST_CASE("a certificate shows its address, validity and subject", "[rule:8.4]") {
  const auto alfa = make_identity(
      {.common_name = "PEC Alfa S.p.A.", .email = "posta-certificata@pec.alfa.example"});
  CHECK(rfc822_names(*alfa.certificate) ==
        std::vector<std::string>{"posta-certificata@pec.alfa.example"});
  CHECK(validity(*alfa.certificate) ==
        Validity{test_time - std::chrono::days(365), test_time + std::chrono::days(365)});
  CHECK(subject_text(*alfa.certificate) == "C=IT, O=PEC Alfa S.p.A., CN=PEC Alfa S.p.A.");
  CHECK(utc_text(test_time) == "2026-11-22 05:11:22 UTC");
  CHECK(rfc822_names(*make_identity({.common_name = "No address"}).certificate).empty());
}

TEST_CASE("all rfc822Names are read, and other kinds of names are not") {
  const auto many = make_identity(
      {.common_name = "Many", .email = "a@alfa.example,DNS:alfa.example,email:b@beta.example"});
  CHECK(rfc822_names(*many.certificate) ==
        std::vector<std::string>{"a@alfa.example", "b@beta.example"});
}

TEST_CASE("a certificate says where its authority publishes its CRL, if it does") {
  const auto urls = [](const std::string& value) {
    return crl_urls(*make_identity({.common_name = "Alfa", .crl_url = value}).certificate);
  };
  CHECK(urls("").empty());
  CHECK(urls("http://ca.example/crl") == std::vector<std::string>{"http://ca.example/crl"});
  CHECK(urls("ldap://ca.example/cn=CA,URI:HTTPS://ca.example/crl,URI:http://b.example/") ==
        std::vector<std::string>{"HTTPS://ca.example/crl", "http://b.example/"});
}

TEST_CASE("the SHA-1 of a certificate is its fingerprint as the openssl command prints it") {
  const TemporaryFolder folder;
  const auto alfa = make_identity({.common_name = "Alfa"});
  folder.write("alfa.pem", pem(*alfa.certificate));
  const auto theirs = run(folder,
                          "openssl x509 -in alfa.pem -noout -fingerprint -sha1 | sed 's/.*=//; "
                          "s/://g' | tr A-F a-f");
  CHECK(mime::sha1_hex(to_der(*alfa.certificate)) + "\n" == theirs.output);
}

TEST_CASE("DER that is not exactly one certificate is refused") {
  const auto der = to_der(*make_identity({.common_name = "Alfa"}).certificate);
  const auto read = value_of(certificate_from_der(der));
  CHECK(to_der(*read) == der);
  CHECK(certificate_from_der(der + "x").error().detail == "bytes follow the certificate");
  CHECK_FALSE(certificate_from_der(der.substr(0, der.size() - 1)));
  CHECK_FALSE(certificate_from_der(""));
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a PEM file gives its certificates in order, and passes over other blocks") {
  const TemporaryFolder folder;
  const auto ca = make_identity({.common_name = "CA", .ca = true});
  const auto alfa = make_identity({.common_name = "Alfa"}, &ca);
  const auto file = folder.write(
      "all.pem", "a comment\n" + pem(*alfa.certificate) + pem(*alfa.key) + pem(*ca.certificate));
  const auto certificates = value_of(certificates_from_pem_file(file));
  REQUIRE(certificates.size() == 2);
  CHECK(to_der(*certificates.front()) == to_der(*alfa.certificate));
  CHECK(to_der(*certificates.back()) == to_der(*ca.certificate));
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a PEM file without certificates, or with a damaged one, is named") {
  const TemporaryFolder folder;
  const auto ca = make_identity({.common_name = "CA", .ca = true});
  CHECK_THAT(error_of(certificates_from_pem_file(folder.write("key.pem", pem(*ca.key)))).detail,
             Catch::Contains("key.pem holds no certificate in PEM form"));

  auto damaged = pem(*ca.certificate);
  damaged.replace(damaged.size() / 2, 4, "####");
  const auto second =
      error_of(certificates_from_pem_file(folder.write("ca.pem", pem(*ca.certificate) + damaged)));
  CHECK_THAT(second.detail,
             Catch::Contains("certificate 2 in ") && Catch::Contains("ca.pem is damaged"));

  CHECK_THAT(error_of(certificates_from_pem_file(folder.path("none.pem"))).detail,
             Catch::Contains("none.pem: No such file or directory"));
  CHECK(ERR_peek_error() == 0);
}

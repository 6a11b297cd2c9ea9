// SPDX-License-Identifier: GPL-2.0-or-later

// Replays messages that real providers sent and signed. They are not part of the project; where
// they are missing the tests say so.
#include "base/file.hpp"
#include "base/text.hpp"
#include "mime/message.hpp"
#include "pec/pec_message.hpp"
#include "smime/certificate.hpp"
#include "smime/cms_verifier.hpp"
#include "support/results.hpp"
#include "unit/smime/test_pki.hpp"

#include <catch2/catch.hpp>
#include <map>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;
using Outcome = SignatureCheck::Outcome;

namespace {

const std::filesystem::path corpus = std::filesystem::path(PEC_SHARED_DIR) / "corpus";

std::vector<std::filesystem::path> messages(const char* folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::exists(corpus / folder)) {
    WARN("skipped: no messages in " << (corpus / folder).string());
    return files;
  }
  for (const auto& each : std::filesystem::directory_iterator(corpus / folder))
    if (each.path().extension() == ".eml") files.push_back(each.path());
  return files;
}

// The message with the CRLF line ends it had on the wire.
mime::Message message_in(const std::filesystem::path& file) {
  auto text = text::replace_all(read_file(file).value(), "\r\n", "\n");
  return mime::split_message(mime::Bytes::of(text::replace_all(std::move(text), "\n", "\r\n")));
}

// The certificates in the CMS, as PEM by their DER; the openssl command finds them.
std::map<std::string, std::string> carried_certificates(const std::string& cms) {
  const TemporaryFolder folder;
  folder.write("signature.p7s", cms);
  const auto printed =
      run(folder, "openssl pkcs7 -inform DER -in signature.p7s -print_certs -out certs.pem");
  REQUIRE(printed.status == 0);
  const auto certificates = value_of(certificates_from_pem_file(folder.path("certs.pem")));
  std::map<std::string, std::string> found;
  for (const auto& certificate : certificates) found[to_der(*certificate)] = pem(*certificate);
  return found;
}

SignatureCheck verify(std::string_view content, const std::string& cms,
                      const std::string& trusted_pem, Instant at) {
  const TemporaryFolder folder;
  const auto verifier = value_of(CmsVerifier::load(folder.write("ca.pem", trusted_pem)));
  return verifier->verify(content, cms, at);
}

// The CAs that a message carries: all its certificates but the signer's.
std::string carried_authorities(const std::string& cms, const std::string& signer_der) {
  std::string authorities;
  for (const auto& [der, text] : carried_certificates(cms))
    if (der != signer_der) authorities += text;
  return authorities;
}

std::string stranger_pem() {
  return pem(*make_identity({.common_name = "Stranger", .ca = true}).certificate);
}

}  // namespace

TEST_CASE("real providers' signatures are valid, if the CA they carry is trusted, at their time",
          "[rule:4]") {
  for (const auto& file : messages("signed")) {
    CAPTURE(file.filename().string());
    const auto message = message_in(file);
    const auto parts = value_of(read_frame(message));
    const auto& cms = parts.signature;

    const auto unknown = verify(parts.content, cms, stranger_pem(), test_time);
    CHECK(unknown.outcome == Outcome::untrusted);
    const auto signer = value_of(certificate_from_der(unknown.certificate));
    const auto dates = validity(*signer).value();
    const auto authorities = carried_authorities(cms, unknown.certificate);

    const auto check =
        verify(parts.content, cms, authorities, dates.not_after - std::chrono::days(1));
    CHECK(check.reason == "");
    CHECK(check.outcome == Outcome::valid);
    CHECK(check.addresses.size() == 1);
    const auto late = dates.not_after + std::chrono::seconds(1);
    CHECK(verify(parts.content, cms, authorities, late).outcome == Outcome::untrusted);

    std::string altered(parts.content);
    altered.back() = altered.back() == '\n' ? ' ' : '\n';
    CHECK(verify(altered, cms, authorities, dates.not_after).outcome == Outcome::damaged);
  }
}

TEST_CASE("real envelopes and receipts are in form, and name sender, recipients and time",
          "[rule:4][rule:8.1][rule:8.2]") {
  for (const auto& file : messages("signed")) {
    const auto name = file.filename().string();
    CAPTURE(name);
    const auto message = message_in(file);
    const auto parts = value_of(read_frame(message));
    const auto signer = verify(parts.content, parts.signature, stranger_pem(), test_time);
    const auto read = read_pec_message(message, parts, signer.addresses);
    if (!read) FAIL(read.error().detail);
    const auto expected =
        name.find("posta-certificata") != std::string::npos   ? EventKind::transport_envelope
        : name.find("avvenuta-consegna") != std::string::npos ? EventKind::delivery
                                                              : EventKind::acceptance;
    CHECK(read->kind == expected);
    CHECK(read->remarks.empty());
    CHECK(read->original.has_value() == (expected != EventKind::acceptance));
    CHECK(read->data.error == CertifiedError::none);
    CHECK_FALSE(read->data.sender.empty());
    CHECK_FALSE(read->data.recipients.empty());
    CHECK(read->data.msgid.starts_with("<"));
    CHECK(read->data.receipt_form.has_value() == (expected != EventKind::acceptance));
    CHECK(read->data.concerns.empty() == (expected != EventKind::delivery));
  }
}

TEST_CASE("real messages whose content was changed or whose signature was removed never pass",
          "[rule:4]") {
  for (const auto& file : messages("unsigned")) {
    CAPTURE(file.filename().string());
    const auto message = message_in(file);
    const auto parts = read_frame(message);
    if (!parts) continue;  // nothing that could pass
    const auto check = verify(parts->content, parts->signature, stranger_pem(), test_time);
    CHECK((check.outcome == Outcome::damaged || check.outcome == Outcome::unreadable));
    if (file.filename() == "sogei-2018-posta-certificata-altered.eml")
      CHECK(check.outcome == Outcome::damaged);
  }
}

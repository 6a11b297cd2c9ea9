// Replays messages that real providers sent and signed. They are not part of the project; where
// they are missing the tests say so.
#include "base/file.hpp"
#include "base/text.hpp"
#include "mime/message.hpp"
#include "mime/part_tree.hpp"
#include "smime/certificate.hpp"
#include "smime/cms_verifier.hpp"
#include "unit/smime/test_pki.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <optional>

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

struct Signed {
  std::string content;
  std::string cms;
};

// The two parts of a multipart/signed message, with the CRLF line ends it had on the wire.
std::optional<Signed> signed_parts(const std::filesystem::path& file) {
  auto text = text::replace_all(read_file(file).value(), "\r\n", "\n");
  const auto whole = mime::Bytes::of(text::replace_all(std::move(text), "\n", "\r\n"));
  const auto message = mime::split_message(whole);
  const auto tree = mime::parse_message(message.header, message.body.view);
  if (tree.root.content_type.value != "multipart/signed" || tree.root.children.size() != 2)
    return std::nullopt;
  return Signed{std::string(tree.root.children[0].entity(message.body.view)),
                mime::decode_content(tree.root.children[1], message.body.view)};
}

// The certificates in the CMS, as PEM by their DER; the openssl command finds them.
std::map<std::string, std::string> carried_certificates(const std::string& cms) {
  const TempFolder folder;
  folder.write("signature.p7s", cms);
  const auto printed =
      run(folder, "openssl pkcs7 -inform DER -in signature.p7s -print_certs -out certs.pem");
  REQUIRE(printed.status == 0);
  const auto certificates = certificates_from_pem_file(folder.path("certs.pem"));
  REQUIRE(certificates);
  std::map<std::string, std::string> found;
  for (const auto& certificate : *certificates) found[to_der(*certificate)] = pem(*certificate);
  return found;
}

SignatureCheck verify(const Signed& parts, const std::string& trusted_pem, Instant at) {
  const TempFolder folder;
  const auto verifier = CmsVerifier::load(folder.write("ca.pem", trusted_pem));
  REQUIRE(verifier);
  return (*verifier)->verify(parts.content, parts.cms, at);
}

// The CAs that a message carries: all its certificates but the signer's.
std::string carried_authorities(const Signed& parts, const std::string& signer_der) {
  std::string authorities;
  for (const auto& [der, text] : carried_certificates(parts.cms))
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
    const auto parts = signed_parts(file);
    REQUIRE(parts);

    const auto unknown = verify(*parts, stranger_pem(), test_time);
    CHECK(unknown.outcome == Outcome::untrusted);
    const auto signer = certificate_from_der(unknown.certificate);
    REQUIRE(signer);
    const auto dates = validity(**signer).value();
    const auto authorities = carried_authorities(*parts, unknown.certificate);

    const auto check = verify(*parts, authorities, dates.not_after - std::chrono::days(1));
    CHECK(check.reason == "");
    CHECK(check.outcome == Outcome::valid);
    CHECK(check.addresses.size() == 1);
    CHECK(verify(*parts, authorities, dates.not_after).outcome == Outcome::untrusted);

    auto altered = *parts;
    altered.content.back() = altered.content.back() == '\n' ? ' ' : '\n';
    CHECK(verify(altered, authorities, dates.not_after).outcome == Outcome::damaged);
  }
}

TEST_CASE("real messages whose content was changed or whose signature was removed never pass",
          "[rule:4]") {
  for (const auto& file : messages("unsigned")) {
    CAPTURE(file.filename().string());
    const auto parts = signed_parts(file);
    if (!parts) continue;  // nothing that could pass
    const auto check = verify(*parts, stranger_pem(), test_time);
    CHECK((check.outcome == Outcome::damaged || check.outcome == Outcome::unreadable));
    if (file.filename() == "sogei-2018-posta-certificata-altered.eml")
      CHECK(check.outcome == Outcome::damaged);
  }
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/cms_signer.hpp"

#include "base/file.hpp"
#include "support/results.hpp"
#include "unit/smime/test_pki.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <thread>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;

namespace {

const std::string address = "posta-certificata@pec.alfa.example";

// A provider's files in a folder of their own: signer.pem (with its chain), signer.key, root.pem.
struct Files {
  explicit Files(KeyKind kind) {
    const auto root = make_identity({.common_name = "Root", .ca = true});
    const auto sub = make_identity({.common_name = "Sub", .ca = true}, &root);
    const auto leaf =
        make_identity({.common_name = "PEC Alfa S.p.A.", .email = address, .key = kind}, &sub);
    folder.write("root.pem", pem(*root.certificate));
    folder.write("signer.pem", pem(*leaf.certificate) + pem(*sub.certificate));
    folder.write("signer.key", pem(*leaf.key));
  }

  Result<std::unique_ptr<CmsSigner>> load(std::chrono::hours stop_before = {}) const {
    return CmsSigner::load(folder.path("signer.pem"), folder.path("signer.key"), stop_before);
  }

  // The openssl command's verdict on the signature in `der` over the file "content".
  CommandResult verify(std::string_view der) const {
    folder.write("signature.p7s", der);
    return run(folder,
               "openssl cms -verify -binary -inform DER -in signature.p7s -content content "
               "-CAfile root.pem -attime 1795324282 -out verified && cmp content verified");
  }

  TemporaryFolder folder;
};

const Files& rsa_files() {
  static const Files files(KeyKind::rsa);
  return files;
}

mime::Rope sliced(const std::string& whole, std::size_t step) {
  const auto bytes = mime::Bytes::of(whole);
  mime::Rope rope;
  for (std::size_t at = 0; at < whole.size(); at += step) rope.append(bytes.sub(at, step));
  return rope;
}

std::string loading_error(const std::filesystem::path& certificate,
                          const std::filesystem::path& key) {
  const auto signer = error_of(CmsSigner::load(certificate, key));
  CHECK(signer.fault == Fault::bad_input);
  CHECK(ERR_peek_error() == 0);
  return signer.detail;
}

}  // namespace

TEST_CASE("the openssl command verifies our signatures, RSA and EC, over the chain inside",
          "[rule:8.1]") {
  const auto kind = GENERATE(KeyKind::rsa, KeyKind::ec);
  const Files files(kind);
  const auto signer = value_of(files.load());
  CHECK(signer->address() == address);

  const std::string content = "Content-Type: text/plain\r\n\r\nciao \xc3\xa8\r\n";
  files.folder.write("content", content);
  const auto der = value_of(signer->sign(sliced(content, 7), test_time));
  const auto verdict = files.verify(der);
  CHECK(verdict.output == "CMS Verification successful\n");
  CHECK(verdict.status == 0);

  files.folder.write("content", content + "x");
  CHECK(files.verify(der).status != 0);
}

TEST_CASE("a signed file carries its content, and the openssl command gives it out", "[rule:8.4]") {
  const Files files(GENERATE(KeyKind::rsa, KeyKind::ec));
  const auto signer = value_of(files.load());
  const std::string content = "dn: o=postacert\no: postacert\n\n";  // LF alone, as it came
  const auto der = value_of(signer->sign_enclosed(sliced(content, 5), test_time));
  files.folder.write("content", content);
  const auto open_file = [&](std::string_view file) {
    files.folder.write("file.p7m", file);
    return run(files.folder,
               "openssl cms -verify -binary -inform DER -in file.p7m -CAfile root.pem -attime "
               "1795324282 -out opened && cmp opened content");
  };
  const auto verdict = open_file(der);
  CHECK(verdict.output == "CMS Verification successful\n");
  CHECK(verdict.status == 0);
  auto altered = der;
  altered.replace(altered.find("postacert"), 4, "past");
  CHECK(open_file(altered).status != 0);
}

TEST_CASE("a signature is detached, one signer's, SHA-256, with certificates and certified time",
          "[rule:8.1]") {
  const auto& files = rsa_files();
  const auto der = value_of(files.load().value()->sign(mime::Rope("x\r\n"), test_time));
  files.folder.write("signature.p7s", der);
  const auto print = [&](const std::string& filter) {
    return run(files.folder,
               "openssl cms -cmsout -print -noout -inform DER -in signature.p7s | " + filter)
        .output;
  };
  CHECK_THAT(print("grep -A1 eContent:"), Catch::Contains("<ABSENT>"));
  CHECK(print("grep -c 'd.issuerAndSerialNumber'") == "1\n");
  CHECK(print("grep -c 'd.certificate:'") == "2\n");
  CHECK_THAT(print("grep -A1 digestAlgorithm:"), Catch::Contains("sha256"));
  CHECK_THAT(print("grep -A2 'object: signingTime'"), Catch::Contains("Nov 22 05:11:22 2026 GMT"));
  CHECK(print("grep -c 'object: signingTime'") == "1\n");
  CHECK(print("grep -c 'S/MIME Capabilities'") == "0\n");
}

TEST_CASE(
    "with an RSA key the same content at the same time gives the same bytes, however sliced") {
  const auto signer = value_of(rsa_files().load());
  const std::string content = "one\r\ntwo\r\nthree\r\n";
  const auto first = signer->sign(sliced(content, 3), test_time);
  REQUIRE(first);
  CHECK(signer->sign(mime::Rope(content), test_time) == first);
  CHECK(signer->sign(mime::Rope(content), test_time + std::chrono::seconds(1)) != first);
  CHECK(signer->sign(mime::Rope(content + "."), test_time) != first);
}

TEST_CASE("a content of 30 MB in many slices is signed") {
  const auto& files = rsa_files();
  std::string content;
  for (int line = 0; content.size() < 30'000'000; ++line)
    content += "line " + std::to_string(line) + " of a long message\r\n";
  files.folder.write("content", content);
  const auto der = value_of(files.load().value()->sign(sliced(content, 4099), test_time));
  CHECK(der.size() < 10'000);
  CHECK(files.verify(der).status == 0);
}

TEST_CASE("an empty content is signed") {
  const auto& files = rsa_files();
  files.folder.write("content", "");
  const auto der = value_of(files.load().value()->sign(mime::Rope(), test_time));
  CHECK(files.verify(der).status == 0);
}

TEST_CASE("many threads sign at once with one signer") {
  const auto signer = value_of(rsa_files().load());
  const mime::Rope content("the same content\r\n");
  const auto expected = signer->sign(content, test_time);
  REQUIRE(expected);
  std::atomic<int> same = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n)
        if (signer->sign(content, test_time) == expected) ++same;
    });
  threads.clear();
  CHECK(same == 80);
}

TEST_CASE("nothing is signed with an expired certificate: the message waits for the new one") {
  const auto signer = value_of(rsa_files().load());
  const auto last_second = test_time + std::chrono::days(365) - std::chrono::seconds(1);
  CHECK(signer->check_validity(last_second));
  CHECK(signer->sign(mime::Rope("x"), last_second));

  const auto later = last_second + std::chrono::seconds(1);
  CHECK_THAT(error_of(signer->check_validity(later)).detail,
             Catch::Contains("signer.pem expired on 2027-11-22 05:11:22 UTC: have it renewed"));
  CHECK(error_of(signer->sign(mime::Rope("x"), later)).fault == Fault::unavailable);

  CHECK_THAT(error_of(signer->check_validity(test_time - std::chrono::days(366))).detail,
             Catch::Contains("valid only from 2025-11-22 05:11:22 UTC"));
}

TEST_CASE("signing stops while others may still have to wait with what was signed", "[rule:4]") {
  using namespace std::chrono_literals;
  constexpr std::chrono::days alarm{30};
  const auto signer = value_of(rsa_files().load(48h));
  const auto end = test_time + std::chrono::days(365);
  const auto state = [&](Instant now) { return signer->state(now, alarm); };

  CHECK(state(end - alarm - 1s).good);
  CHECK_THAT(state(end - alarm - 1s).text,
             Catch::EndsWith("signer.pem until 2027-11-22 05:11:22 UTC"));
  CHECK_FALSE(state(end - alarm).good);
  CHECK_THAT(
      state(end - alarm).text,
      Catch::EndsWith("signer.pem ends on 2027-11-22 05:11:22 UTC, and nothing is signed from "
                      "2027-11-20 05:11:22 UTC on: have it renewed"));
  CHECK(signer->may_sign(end - 48h - 1s));
  for (const auto now : {end - 48h, end - 1s, end, end + 48h}) {
    CHECK(error_of(signer->may_sign(now)).fault == Fault::unavailable);
    CHECK_FALSE(state(now).good);
  }
  CHECK_THAT(
      state(end - 48h).text,
      Catch::StartsWith("nothing is signed any more, and mail waits: the signing certificate in "));
  CHECK(signer->sign_enclosed(mime::Rope("x"), end - 1h));  // our record, with the new certificate
}

TEST_CASE("an error in the signer's files is one sentence: flaw, place, remedy") {
  const TemporaryFolder folder;
  const auto alfa = make_identity({.common_name = "Alfa", .email = address});
  const auto beta = make_identity({.common_name = "Beta", .email = address});
  const auto certificate = folder.write("alfa.pem", pem(*alfa.certificate));
  const auto key = folder.write("alfa.key", pem(*alfa.key));

  SECTION("a missing file") {
    CHECK_THAT(loading_error(folder.path("no.pem"), key),
               Catch::Contains("/no.pem: No such file or directory; put it"));
    CHECK_THAT(loading_error(certificate, folder.path("no.key")),
               Catch::Contains("/no.key: No such file or directory; put it"));
  }
  SECTION("not PEM") {
    CHECK_THAT(loading_error(folder.write("text", "hello\n"), key),
               Catch::Contains("/text holds no certificate in PEM form"));
    CHECK_THAT(loading_error(certificate, folder.write("text", "hello\n")),
               Catch::Contains("/text holds no private key in PEM form"));
  }
  SECTION("a certificate where the key should be") {
    CHECK_THAT(loading_error(certificate, certificate),
               Catch::Contains("/alfa.pem holds no private key in PEM form"));
  }
  SECTION("the key of another certificate") {
    CHECK_THAT(loading_error(certificate, folder.write("beta.key", pem(*beta.key))),
               Catch::Contains("/beta.key does not belong to the first certificate in ") &&
                   Catch::Contains("CN=Alfa"));
  }
  SECTION("a key with a passphrase") {
    CHECK_THAT(
        loading_error(certificate, folder.write("enc.key", encrypted_pem(*alfa.key, "secret"))),
        Catch::Contains("/enc.key has a passphrase: remove it with \"openssl pkey -in "));
  }
  SECTION("no address in the certificate") {
    const auto nobody = make_identity({.common_name = "Nobody"});
    CHECK_THAT(loading_error(folder.write("nobody.pem", pem(*nobody.certificate)),
                             folder.write("nobody.key", pem(*nobody.key))),
               Catch::Contains("(C=IT, O=Nobody, CN=Nobody) has no e-mail address"));
  }
  SECTION("a kind of key that providers don't know") {
    const auto odd =
        make_identity({.common_name = "Odd", .email = address, .key = KeyKind::ed25519});
    CHECK_THAT(loading_error(folder.write("odd.pem", pem(*odd.certificate)),
                             folder.write("odd.key", pem(*odd.key))),
               Catch::Contains("/odd.key is neither RSA nor EC"));
  }
}

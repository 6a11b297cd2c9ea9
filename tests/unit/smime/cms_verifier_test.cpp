// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/cms_verifier.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "support/results.hpp"
#include "unit/smime/signing_world.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <thread>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;
using Outcome = SignatureCheck::Outcome;

TEST_CASE("a provider's signature is valid, and tells whose it is", "[rule:4]") {
  const SigningWorld world;
  const auto beta = world.leaf({.key = GENERATE(KeyKind::rsa, KeyKind::ec)});
  const auto check = world.verify(world.sign_with(beta));
  CHECK(check.outcome == Outcome::valid);
  CHECK(check.certificate == to_der(*beta.certificate));
  CHECK(check.addresses == std::vector<std::string>{address});
}

TEST_CASE("CmsVerifier finds the signatures of CmsSigner valid", "[rule:8.1]") {
  const SigningWorld world;
  const auto alfa = world.leaf({});
  world.folder.write("alfa.pem", pem(*alfa.certificate) + pem(*world.sub.certificate));
  world.folder.write("alfa.key", pem(*alfa.key));
  const auto signer =
      value_of(CmsSigner::load(world.folder.path("alfa.pem"), world.folder.path("alfa.key")));
  const auto der = value_of(signer->sign(mime::Rope(content), test_time));
  CHECK(world.verify(der).outcome == Outcome::valid);
}

TEST_CASE("the signature counts over the exact bytes: any byte changed, added or lost damages it",
          "[rule:4]") {
  const SigningWorld world;
  const auto cms = world.sign_with(world.leaf({}), GENERATE("", "-noattr", "-keyid"));
  REQUIRE(world.verify(cms).outcome == Outcome::valid);
  for (std::size_t i = 0; i < content.size(); ++i) {
    auto altered = content;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    CHECK(world.verify(cms, test_time, altered).outcome == Outcome::damaged);
  }
  CHECK(world.verify(cms, test_time, content + "\r\n").outcome == Outcome::damaged);
  CHECK(world.verify(cms, test_time, content.substr(1)).outcome == Outcome::damaged);
  CHECK(world.verify(cms, test_time, "").outcome == Outcome::damaged);
  const auto check = world.verify(cms, test_time, "");
  CHECK(check.certificate.empty());
  CHECK(check.addresses.empty());
}

TEST_CASE("no change of the signature itself gives a valid one over a changed certificate or key",
          "[rule:4]") {
  const SigningWorld world;
  const auto cms = world.sign_with(world.leaf({}), "-nocerts -certfile signer.pem");
  const auto original = world.verify(cms, test_time, content, "sub.pem");
  REQUIRE(original.outcome == Outcome::valid);
  const auto verifier = CmsVerifier::load(world.folder.path("sub.pem"));
  for (std::size_t i = 0; i < cms.size(); ++i) {
    auto altered = cms;
    altered[i] = static_cast<char>(altered[i] ^ 0x41);
    const auto check = (*verifier)->verify(content, altered, test_time);
    if (check.outcome == Outcome::valid) CHECK(check.certificate == original.certificate);
  }
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("the signature holds over the signed attributes, whatever digest they say", "[rule:4]") {
  const SigningWorld world;
  const auto cms = world.sign_with(world.leaf({}));
  const auto digest_of = [](const std::string& text) {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
  };
  const std::string other = "Content-Type: text/plain\r\n\r\naddio\r\n";
  const auto forged = text::replace_all(cms, digest_of(content), digest_of(other));
  REQUIRE(forged != cms);
  CHECK(world.verify(cms).outcome == Outcome::valid);
  CHECK(world.verify(forged, test_time, other).outcome == Outcome::damaged);
}

TEST_CASE("every certificate below the anchor is signed with a digest that is accepted",
          "[rule:4]") {
  const SigningWorld world;
  const auto path_with = [&](const std::string& of_authority, const std::string& of_signer) {
    const auto root = make_identity({.common_name = "Top", .key = KeyKind::rsa, .ca = true});
    const auto middle = make_identity(
        {.common_name = "Middle", .key = KeyKind::rsa, .ca = true, .digest = of_authority}, &root);
    world.folder.write("top.pem", pem(*root.certificate));
    world.folder.write("middle.pem", pem(*middle.certificate));
    const auto signer =
        make_identity({.common_name = "Signer", .email = address, .digest = of_signer}, &middle);
    return world.sign_with(signer, "-certfile middle.pem");
  };
  const auto reason = [&](const std::string& cms, const std::string& anchor) {
    return world.verify(cms, test_time, content, anchor).reason;
  };
  auto cms = path_with("SHA256", "SHA256");
  CHECK(reason(cms, "top.pem").empty());

  cms = path_with("MD5", "SHA256");
  CHECK_THAT(reason(cms, "top.pem"), Catch::Contains("CN=Middle is signed with a digest"));
  CHECK(reason(cms, "middle.pem").empty());  // an anchor's own signature says nothing

  cms = path_with("SHA256", "MD5");
  for (const auto* anchor : {"top.pem", "middle.pem"})
    CHECK_THAT(reason(cms, anchor), Catch::Contains("CN=Signer is signed with a digest"));
}

TEST_CASE("anything but one CMS with one signer and its certificate is unreadable", "[rule:4]") {
  const SigningWorld world;
  const auto beta = world.leaf({});
  const auto good = world.sign_with(beta);
  const auto unreadable = [&](std::string_view cms) {
    const auto check = world.verify(cms);
    CHECK(check.outcome == Outcome::unreadable);
    CHECK(check.certificate.empty());
    return check.reason;
  };

  CHECK_THAT(unreadable(""), Catch::Contains("not a CMS structure"));
  CHECK_THAT(unreadable("hello"), Catch::Contains("not a CMS structure"));
  CHECK_THAT(unreadable(good.substr(0, good.size() - 1)), Catch::Contains("not a CMS structure"));
  CHECK_THAT(unreadable(good + '\0'), Catch::Contains("bytes follow"));
  CHECK_THAT(unreadable(world.sign_with(beta, "-nocerts")),
             Catch::Contains("certificate is not in the signature"));
  CHECK_THAT(unreadable(world.sign_with(beta, "-nodetach")), Catch::Contains("not detached"));

  world.add_signer("second", world.leaf({}));
  CHECK_THAT(unreadable(world.sign("-signer signer.pem -signer second.pem")),
             Catch::Contains("2 signers instead of one"));
  CHECK(run(world.folder, "openssl crl2pkcs7 -nocrl -certfile sub.pem -outform DER -out none.p7s")
            .status == 0);
  CHECK_THAT(unreadable(read_file(world.folder.path("none.p7s")).value()),
             Catch::Contains("0 signers instead of one"));
  CHECK(run(world.folder,
            "openssl cms -encrypt -outform DER -in content -out enc.p7m -aes128 sub.pem")
            .status == 0);
  CHECK_THAT(unreadable(read_file(world.folder.path("enc.p7m")).value()),
             Catch::Contains("not signed-data"));
}

TEST_CASE("a signature in BER with indefinite lengths is read", "[rule:4]") {
  const SigningWorld world;
  // SEQUENCE (length in two bytes) { OID signedData, [0] (length in two bytes) { ... } }
  const auto der = world.sign_with(world.leaf({}));
  REQUIRE(der.substr(0, 2) == "\x30\x82");
  REQUIRE(der.substr(15, 2) == "\xa0\x82");
  const auto ber =
      "\x30\x80" + der.substr(4, 11) + "\xa0\x80" + der.substr(19) + std::string(4, '\0');
  CHECK(world.verify(ber).outcome == Outcome::valid);
  CHECK(world.verify(ber.substr(0, ber.size() - 2)).outcome == Outcome::unreadable);
}

TEST_CASE("only the signer's digest is computed, whatever others the signature lists", "[rule:4]") {
  const SigningWorld world;
  // SEQUENCE { OID signedData, [0] { SEQUENCE { version, SET OF digest ... : what is around the SET
  // gets indefinite lengths (BER), so that the SET may grow.
  const auto der = world.sign_with(world.leaf({}));
  const std::string sha256 = "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
  REQUIRE(der.substr(0, 2) == "\x30\x82");
  REQUIRE(der.substr(15, 2) == "\xa0\x82");
  REQUIRE(der.substr(19, 2) == "\x30\x82");
  REQUIRE(der.substr(26, 15) == "\x31\x0d" + sha256);
  const auto listing = [&](const std::string& digests) {
    return "\x30\x80" + der.substr(4, 11) + "\xa0\x80\x30\x80" + der.substr(23, 3) + '\x31' +
           static_cast<char>(digests.size()) + digests + der.substr(41) + std::string(6, '\0');
  };
  const std::string unknown = "\x30\x05\x06\x03\x2a\x03\x04";  // OID 1.2.3.4
  CHECK(world.verify(listing(sha256)).outcome == Outcome::valid);
  CHECK(world.verify(listing(sha256 + unknown)).outcome == Outcome::valid);
  CHECK(world.verify(listing(sha256 + unknown), test_time, content + "x").outcome ==
        Outcome::damaged);
}

TEST_CASE("certificates count at the given time, from notBefore through notAfter", "[rule:4]") {
  const SigningWorld world;
  const auto beta = world.leaf({.not_before = test_time - std::chrono::days(10),
                                .not_after = test_time + std::chrono::days(10)});
  const auto cms = world.sign_with(beta);
  const auto first_second = test_time - std::chrono::days(10);
  const auto last_second = test_time + std::chrono::days(10);
  CHECK(world.verify(cms).outcome == Outcome::valid);
  CHECK(world.verify(cms, first_second).outcome == Outcome::valid);
  CHECK(world.verify(cms, last_second).outcome == Outcome::valid);

  const auto late = world.verify(cms, last_second + std::chrono::seconds(1));
  CHECK(late.outcome == Outcome::untrusted);
  CHECK(late.reason == "C=IT, O=PEC Beta S.p.A., CN=PEC Beta S.p.A.: certificate has expired");
  CHECK(late.certificate == to_der(*beta.certificate));
  CHECK(late.addresses == std::vector<std::string>{address});

  const auto early = world.verify(cms, first_second - std::chrono::seconds(1));
  CHECK(early.outcome == Outcome::untrusted);
  CHECK_THAT(early.reason, Catch::Contains("certificate is not yet valid"));
}

TEST_CASE("the path ends at a certificate of the trust file, root or not", "[rule:4]") {
  const SigningWorld world;
  const auto cms = world.sign_with(world.leaf({}));
  CHECK(world.verify(cms, test_time, content, "root.pem").outcome == Outcome::valid);
  CHECK(world.verify(cms, test_time, content, "sub.pem").outcome == Outcome::valid);
  CHECK(world.verify(cms, test_time, content, "both.pem").outcome == Outcome::valid);

  const auto other = make_identity({.common_name = "Root", .ca = true});  // same name, other key
  world.folder.write("other.pem", pem(*other.certificate));
  const auto check = world.verify(cms, test_time, content, "other.pem");
  CHECK(check.outcome == Outcome::untrusted);
  CHECK_FALSE(check.certificate.empty());
}

TEST_CASE("a certificate of an authority that nobody named makes a signature untrusted",
          "[rule:4]") {
  const SigningWorld world;
  const auto stranger = make_identity({.common_name = "Stranger", .ca = true});
  world.folder.write("stranger.pem", pem(*stranger.certificate));
  const auto unknown =
      make_identity({.common_name = "PEC Beta S.p.A.", .email = address}, &stranger);
  for (const auto& cms :
       {world.sign_with(unknown), world.sign_with(unknown, "-certfile stranger.pem")}) {
    const auto check = world.verify(cms);
    CHECK(check.outcome == Outcome::untrusted);
    CHECK(check.certificate == to_der(*unknown.certificate));
  }
}

TEST_CASE("a missing intermediate, or an issuer that is not a CA, makes a signature untrusted",
          "[rule:4]") {
  const SigningWorld world;
  world.add_signer("signer", world.leaf({}));
  CHECK(run(world.folder,
            "openssl cms -sign -binary -outform DER -in content -out out.p7s -signer signer.pem")
            .status == 0);
  const auto alone = world.verify(read_file(world.folder.path("out.p7s")).value());
  CHECK(alone.outcome == Outcome::untrusted);
  CHECK_THAT(alone.reason, Catch::Contains("unable to get local issuer certificate"));

  const auto beta = world.leaf({});
  const auto forged = make_identity({.common_name = "Forged", .email = address}, &beta);
  world.folder.write("beta.pem", pem(*beta.certificate));
  CHECK(world.verify(world.sign_with(forged, "-certfile beta.pem")).outcome == Outcome::untrusted);

  const auto self_made = make_identity({.common_name = "PEC Beta S.p.A.", .email = address});
  CHECK(world.verify(world.sign_with(self_made)).outcome == Outcome::untrusted);
}

TEST_CASE("a certificate for another purpose does not sign mail", "[rule:8.4]") {
  const SigningWorld world;
  const auto outcome_of = [&](const Profile& profile) {
    return world.verify(world.sign_with(world.leaf(profile))).outcome;
  };
  CHECK(outcome_of({.key_usage = ""}) == Outcome::valid);
  CHECK(outcome_of({.key_usage = "digitalSignature,nonRepudiation"}) == Outcome::valid);
  CHECK(outcome_of({.extended_key_usage = "emailProtection"}) == Outcome::valid);
  CHECK(outcome_of({.key_usage = "critical,keyEncipherment"}) == Outcome::untrusted);
  CHECK(outcome_of({.key_usage = "critical,nonRepudiation"}) == Outcome::untrusted);
  CHECK(outcome_of({.extended_key_usage = "serverAuth"}) == Outcome::untrusted);
}

TEST_CASE("SHA-1 is accepted, as real providers used it; MD5 and short keys are not", "[rule:4]") {
  const SigningWorld world;
  const auto outcome_of = [&](const Profile& profile, const std::string& options = "") {
    return world.verify(world.sign_with(world.leaf(profile), options)).outcome;
  };
  CHECK(outcome_of({.key = KeyKind::rsa}, "-md sha1") == Outcome::valid);
  CHECK(outcome_of({.digest = "SHA1"}) == Outcome::valid);
  CHECK(outcome_of({.key = KeyKind::rsa, .rsa_bits = 1024}) == Outcome::valid);
  CHECK(outcome_of({.key = KeyKind::rsa}, "-md md5") == Outcome::untrusted);
  CHECK(outcome_of({.key = KeyKind::rsa, .rsa_bits = 768}) == Outcome::untrusted);
}

TEST_CASE("many threads verify at once with one verifier, each for its own time") {
  const SigningWorld world;
  const auto cms = world.sign_with(world.leaf({}));
  const auto verifier = value_of(CmsVerifier::load(world.folder.path("root.pem")));
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      const bool expired = i % 2 == 1;
      const auto at = expired ? test_time + std::chrono::days(400) : test_time;
      for (int n = 0; n < 20; ++n)
        if (verifier->verify(content, cms, at).outcome ==
            (expired ? Outcome::untrusted : Outcome::valid))
          ++right;
    });
  threads.clear();
  CHECK(right == 160);
}

TEST_CASE("the content inside a signed file is given out only if the signature holds",
          "[rule:8.4]") {
  const SigningWorld world;
  const auto verifier = value_of(CmsVerifier::load(world.folder.path("root.pem")));
  const auto opened = [&](const std::string& cms, Instant at = test_time) {
    const auto not_asked = CmsVerifier::Revocation::not_asked;
    return verifier->enclosed_content(cms, at, not_asked).map(&SignedContent::content);
  };
  const auto person = world.leaf({.key_usage = "critical,nonRepudiation"});
  const auto cms = world.sign_with(person, "-nodetach");
  CHECK(opened(cms) == content);
  CHECK(opened(world.sign_with(person, "-nodetach -stream")) == content);

  auto altered = cms;
  altered.replace(altered.find("ciao"), 4, "ciai");
  CHECK_THAT(opened(altered).error().detail, Catch::Contains("does not match the content"));
  CHECK_THAT(opened(world.sign_with(person)).error().detail, Catch::Contains("has no content"));
  CHECK_THAT(opened(cms + "x").error().detail, Catch::Contains("bytes follow"));
  CHECK_THAT(opened(cms, test_time + std::chrono::days(400)).error().detail,
             Catch::Contains("certificate has expired"));
  const auto stranger = make_identity({.common_name = "Stranger"});
  CHECK(error_of(opened(world.sign_with(stranger, "-nodetach"))).fault == Fault::rejected);
}

TEST_CASE("a trust file that can't be used is named") {
  const TemporaryFolder folder;
  CHECK_THAT(error_of(CmsVerifier::load(folder.path("ca.pem"))).detail,
             Catch::Contains("ca.pem: No such file or directory; put it"));
  CHECK_THAT(error_of(CmsVerifier::load(folder.write("ca.pem", ""))).detail,
             Catch::Contains("ca.pem holds no certificate in PEM form"));
}

TEST_CASE("a CMS structure with more of anything than signatures have is not read", "[rule:4]") {
  // Around the SET of digests, as above; lengths of three octets, so that there may be many.
  const SigningWorld world;
  const auto der = world.sign_with(world.leaf({}));
  const auto length = [](std::size_t octets) {
    return std::string({'\x83', static_cast<char>(octets >> 16), static_cast<char>(octets >> 8),
                        static_cast<char>(octets)});
  };
  const auto listing = [&](std::size_t digests) {
    std::string all;
    for (std::size_t i = 0; i < digests; ++i) all += der.substr(28, 13);
    return "\x30\x80" + der.substr(4, 11) + "\xa0\x80\x30\x80" + der.substr(23, 3) + '\x31' +
           length(all.size()) + all + der.substr(41) + std::string(6, '\0');
  };
  CHECK(world.verify(listing(16)).outcome == Outcome::valid);
  CHECK_THAT(world.verify(listing(17)).reason, Catch::Contains("17 digests, more than 16"));
  CHECK_THAT(world.verify(listing(50'000)).reason, Catch::Contains("50000 digests"));
  CHECK_THAT(world.verify(listing(500'000)).reason,
             Catch::Contains("octets around its content, more than 1048576"));

  std::string certificates;
  for (int i = 0; i < 33; ++i) {
    const auto name = "c" + std::to_string(i);
    certificates += pem(*make_identity({.common_name = name}).certificate);
  }
  world.folder.write("many.pem", certificates);
  CHECK_THAT(world.verify(world.sign_with(world.leaf({}), "-certfile many.pem")).reason,
             Catch::Contains("certificates, more than 32"));

  // Content is not counted, and may be of any size.
  world.folder.write("content", std::string(3'000'000, 'x'));
  const auto verifier = CmsVerifier::load(world.folder.path("root.pem"));
  const auto large = world.sign_with(world.leaf({}), "-nodetach -stream");
  const auto opened =
      (*verifier)->enclosed_content(large, test_time, CmsVerifier::Revocation::not_asked);
  CHECK(opened.value().content.size() == 3'000'000);
}

TEST_CASE("a CMS structure with false lengths is unreadable", "[rule:4]") {
  const SigningWorld world;
  for (const auto& cms : {std::string("\x30"), std::string("\x30\x89\1\1\1\1\1\1\1\1\1"),
                          std::string("\x30\x84\xff\xff\xff\xff"), std::string("\x30\x80"),
                          std::string(100'000, '\x30').replace(1, 1, "\x80"),
                          text::replace_all(std::string(100'000, 'x'), "xx", "\x30\x80")}) {
    const auto check = world.verify(cms);
    CHECK(check.outcome == Outcome::unreadable);
    CHECK_THAT(check.reason, Catch::Contains("not a CMS structure"));
  }
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/hmac.hpp"

#include "base/text.hpp"
#include "support/results.hpp"
#include "unit/smime/test_pki.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;

namespace {
const std::string digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
}

TEST_CASE("the mac is HMAC-SHA-256, as the openssl command computes it") {
  const TemporaryFolder folder;
  const auto secret = value_of(HmacAuthenticator::from_file(folder.write("secret", digits + "\n")));
  CHECK(secret.mac("").size() == 32);

  const auto theirs = run(folder,
                          "printf 'presa\\nbob@beta.example' | openssl dgst -sha256 -mac HMAC "
                          "-macopt hexkey:" +
                              digits + " -r | cut -d' ' -f1");
  REQUIRE(theirs.status == 0);
  CHECK(text::hex(secret.mac("presa\nbob@beta.example")) + "\n" == theirs.output);
}

TEST_CASE("a missing secret is named, with the command that makes one") {
  const TemporaryFolder folder;
  const auto secret = error_of(HmacAuthenticator::from_file(folder.path("none")));
  CHECK(secret.fault == Fault::bad_input);
  CHECK_THAT(secret.detail, Catch::Contains("none: No such file or directory; put it there"));
  CHECK_THAT(secret.detail, Catch::Contains("openssl rand -hex 32 > "));
}

TEST_CASE("a secret is 64 hexadecimal digits and nothing else; other content is never shown") {
  const TemporaryFolder folder;
  const std::string wrong[] = {"",
                               "correct horse",
                               digits.substr(1),
                               digits + "00",
                               "zz" + digits.substr(2),
                               "00:" + digits.substr(3),
                               digits + "\n" + digits};
  for (const auto& content : wrong) {
    CAPTURE(content);
    const auto secret = error_of(HmacAuthenticator::from_file(folder.write("file", content)));
    CHECK_THAT(secret.detail, Catch::Contains("does not hold a secret of 64 hexadecimal digits"));
    if (!content.empty()) CHECK(secret.detail.find(content) == std::string::npos);
  }
}

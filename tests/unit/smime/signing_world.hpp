// SPDX-License-Identifier: GPL-2.0-or-later

// A root and an authority below it, signatures by their certificates, and the verifier's verdicts.
// The openssl command makes the signatures, as independent code.
//
//     const SigningWorld world;
//     world.verify(world.sign_with(world.leaf({}))).outcome
#pragma once

#include "base/file.hpp"
#include "smime/cms_verifier.hpp"
#include "support/results.hpp"
#include "unit/smime/test_pki.hpp"

#include <catch2/catch.hpp>
#include <openssl/err.h>

namespace pec::test {

inline const std::string address = "posta-certificata@pec.beta.example";
inline const std::string content = "Content-Type: text/plain\r\n\r\nciao\r\n";

struct SigningWorld {
  SigningWorld() {
    folder.write("content", content);
    folder.write("root.pem", pem(*root.certificate));
    folder.write("sub.pem", pem(*sub.certificate));
    folder.write("both.pem", pem(*sub.certificate) + pem(*root.certificate));
  }

  void add_signer(const std::string& name, const Identity& identity) const {
    folder.write(name + ".pem", pem(*identity.certificate) + pem(*identity.key));
  }

  Identity leaf(Profile profile) const {
    profile.common_name = "PEC Beta S.p.A.";
    if (profile.email.empty()) profile.email = address;
    return make_identity(profile, &sub);
  }

  std::string sign(const std::string& options) const {
    const auto made = run(folder,
                          "openssl cms -sign -binary -outform DER -in content -out out.p7s "
                          "-certfile sub.pem " +
                              options);
    INFO(made.output);
    REQUIRE(made.status == 0);
    return read_file(folder.path("out.p7s")).value();
  }

  std::string sign_with(const Identity& identity, const std::string& options = "") const {
    add_signer("signer", identity);
    return sign("-signer signer.pem " + options);
  }

  // `crls`: the name of a CRL file in the folder; empty for none.
  SignatureCheck verify(std::string_view cms, Instant at = test_time,
                        std::string_view text = content, const std::string& trusted = "root.pem",
                        const std::string& crls = "") const {
    const auto verifier = value_of(
        smime::CmsVerifier::load(folder.path(trusted), crls.empty() ? "" : folder.path(crls)));
    auto check = verifier->verify(text, cms, at);
    CHECK(ERR_peek_error() == 0);
    CHECK(check.reason.empty() == (check.outcome == SignatureCheck::Outcome::valid));
    CHECK(check.reason.find('\n') == std::string::npos);
    return check;
  }

  TemporaryFolder folder;
  Identity root = make_identity({.common_name = "Root", .ca = true});
  Identity sub = make_identity({.common_name = "Sub", .ca = true}, &root);
};

}  // namespace pec::test

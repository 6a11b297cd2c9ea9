// SPDX-License-Identifier: GPL-2.0-or-later

// Signatures (common/smime/cms_verifier.hpp): they make a message certified.
//
// The signatures in seeds/cms are all over the same content, by a key that is lost; cms/root.pem is
// the authority that the verifier trusts. They were made with
//
//     openssl cms -sign -binary -outform DER -in content -signer leaf.pem ...
//
// Input: a CMS structure, and after it content.
// - Nobody can sign anything else: no structure is valid over other content or gives other content
//   out. A valid one names the certificate that signed.
// - A good signature is valid over its own content alone.
// - An invalid signature has a reason, a valid one has none, and no error is left behind in
//   OpenSSL.
#include "base/file.hpp"
#include "fuzz/property.hpp"
#include "smime/cms_verifier.hpp"

#include <openssl/err.h>
#include <string>

using namespace pec;
using fuzz::must_hold;
using Outcome = SignatureCheck::Outcome;

namespace {

constexpr std::string_view signed_content = "Content-Type: text/plain\r\n\r\nciao\r\n";
constexpr Instant now{std::chrono::seconds{1'800'000'000}};

struct GoodSignature {
  std::unique_ptr<smime::CmsVerifier> verifier =
      smime::CmsVerifier::load(PEC_FUZZ_DIR "/cms/root.pem").value();
  std::string signature = read_file(PEC_FUZZ_DIR "/seeds/cms/detached.p7s").value();
  SignatureCheck good = verifier->verify(signed_content, signature, now);

  GoodSignature() { must_hold(good.outcome == Outcome::valid, "the seed is a good signature"); }
};

SignatureCheck verify(const GoodSignature& seed, std::string_view content, std::string_view cms) {
  auto check = seed.verifier->verify(content, cms, now);
  must_hold(check.reason.empty() == (check.outcome == Outcome::valid),
            "there is a reason unless it is valid");
  must_hold(check.reason.find('\n') == std::string::npos, "a reason is one line");
  must_hold(check.outcome == Outcome::unreadable || check.outcome == Outcome::damaged ||
                !check.certificate.empty(),
            "whoever signed it is known");
  must_hold(ERR_peek_error() == 0, "no error is left behind");
  return check;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const GoodSignature seed;
  const auto input = fuzz::text_of(data, size);

  const auto check = verify(seed, signed_content, input);
  if (check.outcome == Outcome::valid)
    must_hold(check.certificate == seed.good.certificate && check.addresses == seed.good.addresses,
              "nobody else signed it");
  must_hold(verify(seed, "another content", input).outcome != Outcome::valid,
            "a signature is over one content");
  must_hold(
      (verify(seed, input, seed.signature).outcome == Outcome::valid) == (input == signed_content),
      "a good signature is valid over its own content alone");

  const auto enclosed =
      seed.verifier->enclosed_content(input, now, smime::CmsVerifier::Revocation::not_asked);
  must_hold(!enclosed || enclosed->content == signed_content, "nobody signed another content");
  must_hold(ERR_peek_error() == 0, "no error is left behind");
  return 0;
}

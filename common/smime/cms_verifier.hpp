// SPDX-License-Identifier: GPL-2.0-or-later

// Verifies the providers' signatures (RFC 6109, 2.2.2 and 4.3; CMS: RFC 5652) in steps, so that the
// caller learns how far a signature holds.
//
//     auto verifier = CmsVerifier::load("/etc/pec/trusted-ca.pem", "/var/lib/pec/crl.pem");
//     if (!verifier) return tl::unexpected(verifier.error());
//     auto check = (*verifier)->verify(first_part, decoded_second_part, now);
//
// Steps:
// 1. It is one CMS of bounded size (smime/cms_bounds.hpp) with one signer, whose certificate is
//    inside. Else `unreadable`.
// 2. The signature is over these bytes. Else `damaged`.
// 3. The certificate has a path to a trusted CA, is valid and not revoked at the time, and is fit
//    for signing mail. Else `untrusted`, or `undetermined` if no current CRL can tell
//    (smime/revocation.hpp).
//
// Accepted, and why:
// - SHA-1 as digest of message and certificate: providers' messages and the CA of their
//   certificates used it for years. MD5 and older, and keys weaker than RSA 1024, are refused.
// - A CA of the trust file that another CA has issued: the administrator named it, so it ends the
//   path.
// - Certificates with neither basicConstraints nor extendedKeyUsage: the profile (RFC 6109, 5.5)
//   demands this.
// The content is read in place. The two files become an immutable snapshot, taken once for each
// signature. So reload and verification never wait for each other. Any thread, many at once.
#pragma once

#include "base/guarded.hpp"
#include "base/result.hpp"
#include "pec/ports.hpp"
#include "smime/revocation.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pec::smime {

struct TrustSnapshot;

// The content of a signed file, the signer, and the signing time if the signer has stated it.
struct SignedContent {
  std::string content;
  std::string certificate;  // the signer's, DER
  std::optional<Instant> signed_at;
};

class CmsVerifier final : public Verifier {
public:
  // `ca_file`: PEM, the certificates to trust. `crl_file`: PEM, the CRLs of the authorities that
  // issue the providers' certificates; empty: revocation is not checked. `crl_grace`: how long a
  // CRL is used after its nextUpdate. Error: bad_input, with a sentence for the administrator.
  static Result<std::unique_ptr<CmsVerifier>> load(std::filesystem::path ca_file,
                                                   std::filesystem::path crl_file = {},
                                                   std::chrono::hours crl_grace = {});

  // Reads both files again; true if either has changed. After an error the old content stays in
  // use, and the next call tries again. Replace each file by renaming a whole one over it.
  Result<bool> reload();

  // The same, for a Watch. So a CRL that was fetched counts soon, and one that nobody fetches is
  // bad while it is still used. Without any it is bad for good (rules, 4).
  Watch::Seen look(Instant now);

  // Whether the CRLs are up to date; nothing if revocation is not checked.
  std::optional<PartState> revocation_state(Instant now) const;
  // The end of the first of them; nothing without a list.
  std::optional<Instant> first_end_of_lists() const;

  SignatureCheck verify(std::string_view content, std::string_view cms, Instant at) const override;

  // The content of a CMS that carries it inside (a `.p7m` in DER), if all steps hold. Here keyUsage
  // may be nonRepudiation alone, as in people's signing certificates. Revocation is always checked.
  // Without a list nothing is opened, unless the trust file names the signer itself. (`not_asked`:
  // for the program that fetches the lists.) Error: rejected, with the reason.
  enum class Revocation { asked, not_asked };
  Result<SignedContent> enclosed_content(std::string_view cms, Instant at,
                                         Revocation revocation = Revocation::asked) const;

private:
  struct Files {
    std::string authorities;
    std::string crls;

    bool operator==(const Files&) const = default;
  };

  CmsVerifier(std::filesystem::path ca_file, std::filesystem::path crl_file,
              std::chrono::hours crl_grace)
      : ca_file_(std::move(ca_file)), crl_file_(std::move(crl_file)), crl_grace_(crl_grace) {}
  Result<Files> read_files() const;
  Result<std::shared_ptr<const TrustSnapshot>> make_trust(const Files& files) const;
  std::shared_ptr<const TrustSnapshot> snapshot() const;

  const std::filesystem::path ca_file_;
  const std::filesystem::path crl_file_;
  const std::chrono::hours crl_grace_;
  Guarded<std::optional<Files>> loaded_;  // held while reloading: one at a time
  mutable Guarded<std::shared_ptr<const TrustSnapshot>> trust_;
};

// The rfc822Name entries of the one signer's certificate. The signature is not checked: use this
// only for a message that somebody else has verified, to tell whose it is. Error: bad_input, with
// the reason, if the CMS (DER, 256 kB at most) can't be read so. Any thread.
Result<std::vector<std::string>> signer_addresses(std::string_view cms);

}  // namespace pec::smime

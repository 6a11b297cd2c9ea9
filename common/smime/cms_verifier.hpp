// Verifies the providers' signatures (RFC 6109, 2.2.2 and 4.3; CMS: RFC 5652), step by step, so
// that the caller learns how far a signature holds.
//
//     auto verifier = CmsVerifier::load("/etc/pec/trusted-ca.pem");
//     if (!verifier) return tl::unexpected(verifier.error());
//     auto check = (*verifier)->verify(first_part, decoded_second_part, now);
//
// Steps: 1. one CMS, one signer, whose certificate is inside (else `unreadable`); 2. the signature
// is over these bytes (else `damaged`); 3. path to a trusted CA, valid at the time, fit for signing
// mail (else `untrusted`).
//
// What is accepted, and why:
// - SHA-1 as digest of message and certificate: providers' messages and the CA of their
//   certificates used it for years. MD5 and older, and keys weaker than RSA 1024, are refused.
// - A CA of the trust file that is itself issued by another: the administrator named it, that ends
//   the path.
// - Certificates with neither basicConstraints nor extendedKeyUsage: the profile (RFC 6109, 5.5)
//   wants them so.
// Content is read where it lies. Immutable after load(); any thread, many at once.
#pragma once

#include "base/c_handle.hpp"
#include "pec/ports.hpp"

#include <filesystem>
#include <memory>
#include <openssl/x509_vfy.h>
#include <string>
#include <string_view>

namespace pec::smime {

class CmsVerifier final : public Verifier {
public:
  // `ca_file`: PEM, the certificates to trust. Error: bad_input, with a sentence for the
  // administrator.
  static Result<std::unique_ptr<CmsVerifier>> load(const std::filesystem::path& ca_file);

  SignatureCheck verify(std::string_view content, std::string_view cms, Instant at) const override;

  // The content of a CMS that carries it inside (a `.p7m` in DER), if all steps hold. keyUsage may
  // be nonRepudiation alone here, as people's signing certificates have it. Error: rejected, with
  // the reason.
  Result<std::string> enclosed_content(std::string_view cms, Instant at) const;

private:
  CmsVerifier() = default;

  CHandle<X509_STORE, X509_STORE_free> trusted_;
};

}  // namespace pec::smime

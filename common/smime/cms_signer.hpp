// SPDX-License-Identifier: GPL-2.0-or-later

// Signs with the provider's key (RFC 6109, 4.3; CMS: RFC 5652): SHA-256, RSA or EC, with the
// signer's certificate and its chain inside. Messages have detached signatures. A published `.p7m`
// file carries its content.
//
//     auto signer = CmsSigner::load("/etc/pec/signing.pem", "/etc/pec/signing.key");
//     if (!signer) return tl::unexpected(signer.error());
//     auto der = (*signer)->sign(rope, now);
//
// The content is digested slice by slice and never copied. With an RSA key, the same content and
// time give the same bytes. An EC signature holds a random number, and differs each time. Immutable
// after load(); any thread, many at once.
#pragma once

#include "base/c_handle.hpp"
#include "base/watch.hpp"
#include "pec/ports.hpp"
#include "smime/certificate.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <openssl/evp.h>
#include <string>
#include <vector>

namespace pec::smime {

using PrivateKey = CHandle<EVP_PKEY, EVP_PKEY_free>;

class CmsSigner final : public Signer {
public:
  // `certificate_file`: PEM, the signing certificate, then its chain. `key_file`: PEM, without
  // passphrase; let only its owner read it. `stop_before`: may_sign() refuses from this long before
  // the certificate's end. Error: bad_input: what is wrong, where, and what to do.
  static Result<std::unique_ptr<CmsSigner>> load(const std::filesystem::path& certificate_file,
                                                 const std::filesystem::path& key_file,
                                                 std::chrono::hours stop_before = {});

  // Whether the certificate is valid at `now`; a sentence for the administrator if not. load() has
  // no clock, so it does not check this. A program checks it at start-up, and does not start if it
  // is not valid. All mail would wait anyway, and this shows the cause at once.
  Result<void> check_validity(Instant now) const;

  Result<void> may_sign(Instant now) const override;

  // Bad from `alarm` before the certificate's end on.
  PartState state(Instant now, std::chrono::days alarm) const;

  // Error: unavailable if the certificate has expired at `at`: nobody would trust the signature, so
  // the message waits for the renewed certificate. Error: internal if OpenSSL fails.
  Result<std::string> sign(const mime::Rope& content, Instant at) const override;

  // The same, but the DER carries the content.
  Result<std::string> sign_enclosed(const mime::Rope& content, Instant at) const;

  const std::string& address() const override { return address_; }

  // The signing certificate, DER. The providers' directory must list it for us.
  std::string certificate() const { return to_der(*certificates_.front()); }

private:
  CmsSigner() = default;
  Result<std::string> sign(const mime::Rope& content, Instant at, unsigned int cms_flags) const;

  std::vector<Certificate> certificates_;  // the signer's, then its chain
  PrivateKey key_;
  std::string address_;
  Validity validity_;
  std::chrono::hours stop_before_{};
  std::string certificate_file_;
};

// Of all that we sign with: those that are bad, or else all.
PartState signing_state(const std::vector<const CmsSigner*>& signers, Instant now,
                        std::chrono::days alarm);

}  // namespace pec::smime

// SPDX-License-Identifier: GPL-2.0-or-later

// Keys, certificates and revocation lists of a trial, made by the openssl program.
//
//     PEC_TRY_VOID(make_key(KeyKind::ec, "/etc/pec/trial/.new/tls.key"));
//     PEC_TRY_VOID(make_certificate(tls_certificate("mx.pec.alfa.example", {"192.0.2.8"}), key,
//                                   &issuer, "/etc/pec/trial/.new/tls.pem"));
//
// Files of its own stand beside the one that it makes. All is good for 90 days. Errors:
// unavailable, with what openssl said. One thread.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pec::pecctl {

enum class KeyKind { rsa, ec };  // RSA with 3072 bits; P-256

Result<void> make_key(KeyKind kind, const std::filesystem::path& into);

struct CertificateProfile {
  std::string subject;                  // as openssl's -subj has it
  std::vector<std::string> extensions;  // lines of openssl's configuration
};

CertificateProfile authority_certificate(const std::string& domain);
// RFC 6109, 5.5. `unit`: empty for the provider's own.
CertificateProfile signing_certificate(const std::string& provider, const std::string& unit,
                                       const std::string& address);
CertificateProfile tls_certificate(const std::string& host,
                                   const std::vector<std::string>& addresses);

struct Issuer {
  std::filesystem::path certificate, key;
};

// `issuer`: null, if it signs itself.
Result<void> make_certificate(const CertificateProfile& profile, const std::filesystem::path& key,
                              const Issuer* issuer, const std::filesystem::path& into);

// An empty one.
Result<void> make_revocation_list(const Issuer& issuer, const std::filesystem::path& into);

// In openssl's words, as of now: "certificate has expired". Empty: none. `more`: further options of
// "openssl verify".
Result<std::string> flaw_of_certificate(const std::filesystem::path& certificate,
                                        const std::filesystem::path& authority,
                                        const std::vector<std::string>& more);

}  // namespace pec::pecctl

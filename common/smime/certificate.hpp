// SPDX-License-Identifier: GPL-2.0-or-later

// Small readings of X.509 certificates (RFC 5280), for signer, verifier and directory.
//
//     auto chain = certificates_from_pem_file("/etc/pec/signing.pem");
//     rfc822_names(*chain->front())       // {"posta-certificata@pec.alfa.example"}
//
// Errors: bad_input, with a sentence for the administrator. Any thread may read a handle.
#pragma once

#include "base/c_handle.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <openssl/x509.h>
#include <string>
#include <string_view>
#include <vector>

namespace pec::smime {

using Certificate = CHandle<X509, X509_free>;

// All certificates of a PEM file in their order, at least one. Other PEM blocks are skipped.
Result<std::vector<Certificate>> certificates_from_pem_file(const std::filesystem::path& path);
// The same for a text that was read before; `file` is for the sentences.
Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem,
                                                       const std::filesystem::path& file);

// Exactly one certificate, with nothing after it.
Result<Certificate> certificate_from_der(std::string_view der);

// Throws std::runtime_error if OpenSSL has no memory.
std::string to_der(const X509& certificate);

// The rfc822Name entries of subjectAltName (RFC 6109, 5.5) that are printable ASCII.
std::vector<std::string> rfc822_names(const X509& certificate);

// The places where its authority publishes its CRL: the http(s) URLs of cRLDistributionPoints.
std::vector<std::string> crl_urls(const X509& certificate);

struct Validity {
  Instant not_before;
  Instant not_after;  // its last second; OpenSSL and so most verifiers don't count it

  bool operator==(const Validity&) const = default;
};
Result<Validity> validity(const X509& certificate);

// A date of a certificate or CRL.
Result<Instant> instant_of(const ASN1_TIME* time);

// For sentences: the subject in one line, "CN=..., O=...".
std::string subject_text(const X509& certificate);
std::string name_text(const X509_NAME& name);

// "2026-11-22 05:11:22 UTC", for sentences about validity.
std::string utc_text(Instant instant);

}  // namespace pec::smime

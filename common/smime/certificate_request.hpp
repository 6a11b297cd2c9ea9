// SPDX-License-Identifier: GPL-2.0-or-later

// A new key, and the request for a signing certificate of the profile (RFC 6109, 5.5; PKCS #10: RFC
// 2986).
//
//     PEC_TRY(const auto made,
//             make_request({"PEC Alfa S.p.A.", "", "posta-certificata@pec.alfa.example"}));
//     write("/etc/pec/provider.key", made.key_pem);       // for the service's user alone
//
// The key is RSA with 3072 bits: every provider's program verifies RSA. The request asks for the
// address in subjectAltName and for keyUsage digitalSignature, critical. It asks for no
// basicConstraints. Error: internal, OpenSSL fails. Any thread.
#pragma once

#include "base/result.hpp"

#include <string>

namespace pec::smime {

struct RequestSubject {
  std::string provider;  // providerName: organizationName
  std::string unit;      // providerUnit: organizationalUnitName; empty: none
  std::string address;   // posta-certificata@DOMAIN: commonName, and rfc822Name
};

struct CertificateRequest {
  std::string key_pem;  // PKCS #8, without passphrase
  std::string request_pem;
};

Result<CertificateRequest> make_request(const RequestSubject& subject);

}  // namespace pec::smime

// SPDX-License-Identifier: GPL-2.0-or-later

// The rules for a provider's signing certificate (RFC 6109, 5.5).
//
//     const auto flaw = profile_flaw(certificate, "PEC Alfa S.p.A.");
//     if (!flaw.empty()) return bad_input(flaw);       // "its keyUsage is not critical"
//
// - subject: the provider's name in O or CN. Compared by letters and digits alone, in any case: the
//   directory and the authority rarely put blanks and dots at the same places.
// - subjectAltName: an rfc822Name.
// - keyUsage: digitalSignature, critical.
// - authorityKeyIdentifier and subjectKeyIdentifier.
// - no basicConstraints.
// It need not be valid now: during a renewal one of two certificates is not, and the time of a
// message decides which one counts. Pure; any thread.
#pragma once

#include <openssl/x509.h>
#include <string>
#include <string_view>

namespace pec::directory {

// The first flaw, or an empty text.
std::string profile_flaw(X509& certificate, std::string_view provider_name);

}  // namespace pec::directory

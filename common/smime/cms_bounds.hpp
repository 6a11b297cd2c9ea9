// SPDX-License-Identifier: GPL-2.0-or-later

// Whether a CMS signed-data structure is small enough for OpenSSL (RFC 5652, 5.1; BER, X.690, 8.1).
//
//     PEC_TRY_VOID(check_cms_bounds(der));
//
// OpenSSL makes an object of each element that it reads: 103 MB of digest algorithms took 1,962 MB.
// So a walk over the lengths counts the elements before. The content inside (of a `.p7m`) may have
// any size. All else has a limit. Error: bad_input, with what exceeds its limit, or that it is not
// such a structure. Pure, any thread; linear in the number of bytes.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string_view>

namespace pec::smime {

// A provider's signature has one digest, one signer, its certificate and two or three of
// authorities, and no list of revoked ones. These limits are far higher, and cost nothing.
constexpr std::size_t most_digests = 16;
constexpr std::size_t most_certificates = 32;
constexpr std::size_t most_crls = 8;
constexpr std::size_t most_signers = 16;  // only one is read; more are counted, for the error
constexpr std::size_t most_octets_around_content = std::size_t{1} << 20;

Result<void> check_cms_bounds(std::string_view ber);

}  // namespace pec::smime

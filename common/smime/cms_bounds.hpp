// SPDX-License-Identifier: GPL-2.0-or-later

// Whether a CMS signed-data structure is small enough to be handed to OpenSSL (RFC 5652, 5.1; BER,
// X.690, 8.1).
//
//     PEC_TRY_VOID(check_cms_bounds(der));
//
// OpenSSL makes an object of each element it reads: 103 MB of digest algorithms took 1,962 MB. So
// the elements are counted before, by a walk over their lengths. The content inside (of a `.p7m`) may
// be of any size; for all else there is a limit. Error: bad_input, with what there is too much of, or
// that it is no such structure. Pure, any thread; linear in the number of bytes.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string_view>

namespace pec::smime {

// A provider's signature has one digest, one signer, its certificate and two or three of authorities,
// and no list of revoked ones. These are far beyond, and cost nothing.
constexpr std::size_t most_digests = 16;
constexpr std::size_t most_certificates = 32;
constexpr std::size_t most_crls = 8;
constexpr std::size_t most_signers = 16;  // one is read; more are counted, to tell how many
constexpr std::size_t most_octets_around_content = std::size_t{1} << 20;

Result<void> check_cms_bounds(std::string_view ber);

}  // namespace pec::smime

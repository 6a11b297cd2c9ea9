// SPDX-License-Identifier: GPL-2.0-or-later

// The outer frame of a signed message: whether it can be read in one way only, and the part that is
// signed (RFC 1847, 2.1; RFC 2046, 5.1; RFC 6109, 4.3).
//
//     Result<SignedParts> parts = read_frame(message);
//     if (parts) check = verifier.verify(parts->content, parts->signature, now);
//
// No signature covers boundary, preamble and epilogue. Everyone who has one genuine message can
// replace them. Then one reader finds the signed part, and another one finds parts of somebody
// else. So read_frame() accepts only frames that leave no room for that: GMime, Python's email and
// Dovecot find the same first part in them as it does. frame.cpp has the rules.
//
// Error: bad_input, if the message does not claim to be signed in this way. rejected, if it does,
// but its frame can be read in more than one way, or not at all. Both are ordinary mail. Cost:
// linear, a few passes over the body (50 MB of base64: 30 ms); only the signature is copied. Any
// thread. The views point into the message's body: keep the message.
#pragma once

#include "base/result.hpp"
#include "mime/message.hpp"
#include "mime/part_tree.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace pec {

// The largest signature part, in octets as it stands in the message. Real ones have 3 to 10 kB.
constexpr std::size_t most_signature_octets = std::size_t{256} << 10;

// A multipart/signed with a detached CMS signature, outermost in the message.
struct SignedParts {
  mime::Part signed_part;    // the first part, which is signed; one level of its parts
  std::string_view content;  // its exact bytes
  std::string signature;     // the second part, decoded: DER
};
Result<SignedParts> read_frame(const mime::Message& message);

}  // namespace pec

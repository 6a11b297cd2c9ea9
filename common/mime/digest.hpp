// SPDX-License-Identifier: GPL-2.0-or-later

// Digests of bytes; `_hex` gives lower-case hex. They use GLib. Pure, any thread.
//
//     sha1_hex("abc")  ->  "a9993e364706816aba3e25717850c26c9cd0d89d"
#pragma once

#include "mime/rope.hpp"

#include <string>
#include <string_view>

namespace pec::mime {

// For attachments in brief delivery receipts (RFC 6109, 3.3.2.2): a label that the reader can
// compute again, not a protection. For providerCertificateHash (4.5), too: a search key, which
// proves nothing by itself.
std::string sha1_hex(std::string_view bytes);

// Tells messages apart (pec/message_identity.hpp).
std::string sha256_hex(std::string_view bytes);
std::string sha256_hex(const Rope& bytes);
std::string sha256(std::string_view bytes);  // 32 bytes

}  // namespace pec::mime

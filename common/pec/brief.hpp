// SPDX-License-Identifier: GPL-2.0-or-later

// The original as a brief delivery receipt carries it (RFC 6109, 3.3.2.2). Its structure stays. A
// small text file with a hash replaces each attachment.
//
//     Rope brief = brief_original(original);
//
// An attachment is a part with a file name (`filename` of Content-Disposition, or `name` of
// Content-Type), or any message/rfc822. It is replaced whole. The hash is the SHA-1 of the part's
// content, still encoded, in 40 hexadecimal digits. The new part is text/plain, named <name>.hash,
// and holds only the hash. In a multipart/signed only the first part is searched. An
// application/pkcs7-mime original stays as it is. So does an original with more parts than
// mime::ParseLimits allows: hashes for some of its attachments only would mislead. (Such an
// original is another provider's; ours are refused before.) All bytes in between are the original's
// own.
//
// Pure, any thread. Errors: none. The rope shares the original's bytes.
#pragma once

#include "mime/rope.hpp"

namespace pec {

mime::Rope brief_original(const mime::Bytes& original);

}  // namespace pec

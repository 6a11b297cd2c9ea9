// SPDX-License-Identifier: GPL-2.0-or-later

// The original as a brief delivery receipt carries it (RFC 6109, 3.3.2.2): its structure stays, and
// each attachment gives way to a small text file that holds its hash.
//
//     Rope brief = brief_original(original);
//
// What gives way: a part with a file name (`filename` of Content-Disposition, or `name` of
// Content-Type), and any message/rfc822, each whole. The hash is the SHA-1 of the part's content as
// it stands, still encoded, in 40 hexadecimal digits; the new part is text/plain, named
// <name>.hash, and holds nothing else. In a multipart/signed only the first part is searched; an
// application/pkcs7-mime original stays as it is, and so does one of more parts than
// mime::ParseLimits has (another provider's; ours are refused before): a hash for some of its
// attachments and none for others would tell the wrong thing. All bytes in between are the original's own.
//
// Pure, any thread. Errors: none. What the rope holds of the original it shares.
#pragma once

#include "mime/rope.hpp"

namespace pec {

mime::Rope brief_original(const mime::Bytes& original);

}  // namespace pec

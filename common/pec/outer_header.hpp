// SPDX-License-Identifier: GPL-2.0-or-later

// Whether the outer header of a certified message agrees with its certification data (RFC 6109,
// 2.2.2; section 4 of the project's rules).
//
//     auto remarks = compare_outer_header(message.header, kind, data, check.addresses);
//     if (!remarks) ...                  // malformed, and why
//
// Clients show the header, but no signature covers it. Anybody on the way can rewrite what is not
// compared here. Error: bad_input, with the first difference. Pure, any thread.
#pragma once

#include "base/result.hpp"
#include "mime/address.hpp"
#include "mime/header.hpp"
#include "pec/certification_data.hpp"

#include <string>
#include <vector>

namespace pec {

// `claimed`: the kind in the header. `signer`: the addresses in the signer's certificate. Returns
// short names of differences that are only noted: To and Cc of envelopes, which a mailing list or
// client may have worded in its own way.
Result<std::vector<std::string>> compare_outer_header(const mime::HeaderList& header,
                                                      EventKind claimed,
                                                      const CertificationData& data,
                                                      const std::vector<std::string>& signer);

// The <risposte> for a message with these Reply-To fields: all addresses that can be written to and
// that read_plain_addresses() takes. If there are none: the sender.
std::string reply_addresses(const std::vector<mime::Address>& reply_to, const std::string& sender);

}  // namespace pec

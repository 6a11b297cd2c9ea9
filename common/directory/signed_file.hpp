// SPDX-License-Identifier: GPL-2.0-or-later

// The signature of the providers' directory (RFC 6109, 4.5): who must have made it.
//
//     auto opened = open_signed_file(der, options, now);
//     if (!opened) return tl::unexpected(opened.error());   // "it is signed by ..., and ..."
//     opened->content                                       // LDIF
//
// Whoever signs the directory says who certifies what, so it is one signer, not anybody to whom the
// same authority has given a certificate. A signature counts if it holds (smime/cms_verifier.hpp), and
//   - the certificate is of an authority in directory.signer_ca_file (or itself in there);
//   - its subject is directory.signer_subject: a renewal keeps that, where a fingerprint would change;
//   - the authority's current list (trust.crl_file) doesn't say that it was revoked. Without a list
//     nobody can tell, and the file is not opened.
// Pure but for the files that it reads; any thread.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "directory/directory_options.hpp"
#include "smime/cms_verifier.hpp"

#include <string_view>

namespace pec::directory {

// `at`: the instant for which the signer is judged. Error: a sentence for the administrator, without
// the file's name.
Result<smime::SignedContent> open_signed_file(std::string_view signed_file,
                                              const DirectoryOptions& options, Instant at);

}  // namespace pec::directory

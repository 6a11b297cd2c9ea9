// SPDX-License-Identifier: GPL-2.0-or-later

// The signature of the providers' directory (RFC 6109, 4.5), and its permitted signer.
//
//     auto opened = open_signed_file(der, options, now);
//     if (!opened) return tl::unexpected(opened.error());   // "it is signed by ..., and ..."
//     opened->content                                       // LDIF
//
// The signer of the directory decides who certifies what. So only one signer is accepted, not
// everybody with a certificate of the same authority. A valid signature (smime/cms_verifier.hpp) is
// accepted if
// - the certificate is of an authority in directory.signer_ca_file (or itself in there);
// - its subject is directory.signer_subject: a renewal keeps the subject, but not a fingerprint;
// - the authority's current list (trust.crl_file) does not revoke it. Without a list nobody can
//   tell, and the file is not opened.
// Reads those files, otherwise pure; any thread.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "directory/directory_options.hpp"
#include "smime/cms_verifier.hpp"

#include <string_view>

namespace pec::directory {

// `at`: the instant for which the signer is judged. Error: a sentence for the administrator,
// without the file's name.
Result<smime::SignedContent> open_signed_file(std::string_view signed_file,
                                              const DirectoryOptions& options, Instant at);

}  // namespace pec::directory

// SPDX-License-Identifier: GPL-2.0-or-later

// The table that tells Postfix to whose mail servers it must speak TLS: those of every certified
// domain (RFC 6109, 5.3), for smtp_tls_policy_maps. `pecctl directory tls-policy` writes it, and so
// does `pecctl directory sync`.
//
//     PEC_TRY(auto prepared, prepare_tls_policy(*directory, config.directory_sync));
//     for (auto& file : prepared) PEC_TRY_VOID(file.put_in_place());
//
// "encrypt" is the law's: no certificate is asked of the other side, for many providers' mail
// servers have names in other domains than the mail's. "secure" asks for one, of an authority that
// smtp_tls_CAfile names, and for a name in the mail's domain.
//
// Errors: unavailable, one sentence for the administrator; nothing was changed. One thread.
#pragma once

#include "config/config.hpp"
#include "directory/providers_directory.hpp"
#include "pecctl/replacement.hpp"

#include <vector>

namespace pec::pecctl {

// Writes the configured table, and its index if it has one, beside its files, from where they can
// be put in place. None if no table is configured.
Result<std::vector<Replacement>> prepare_tls_policy(const directory::ProvidersDirectory& directory,
                                                    const Config::DirectorySync& options);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// The table for Postfix's smtp_tls_policy_maps: Postfix must speak TLS to the mail servers of every
// certified domain (RFC 6109, 5.3). `pecctl directory tls-policy` and `pecctl directory sync` write
// it.
//
//     PEC_TRY(auto prepared, prepare_tls_policy(*directory, config.directory_sync));
//     for (auto& file : prepared) PEC_TRY_VOID(file.put_in_place());
//
// The law asks for "encrypt". It checks no certificate, because many providers' mail servers have
// names outside the mail's domain. "secure" asks for a certificate of an authority in
// smtp_tls_CAfile, for a name in the mail's domain.
//
// Errors: unavailable, one sentence for the administrator; nothing was changed. One thread.
#pragma once

#include "config/config.hpp"
#include "directory/providers_directory.hpp"
#include "pecctl/replacement.hpp"

#include <vector>

namespace pec::pecctl {

// Writes the configured table, and its index if it has one, beside its files, ready to be put in
// place. None if no table is configured.
Result<std::vector<Replacement>> prepare_tls_policy(const directory::ProvidersDirectory& directory,
                                                    const config::Config::DirectorySync& options);

}  // namespace pec::pecctl

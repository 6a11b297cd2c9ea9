// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl directory tls-policy`: the table that tells Postfix to whose mail servers it must speak TLS:
// those of every certified domain (RFC 6109, 5.3), for smtp_tls_policy_maps.
//
//     const auto map = postfix_map_of("hash:/var/lib/pec/tls-policy");
//     auto prepared = prepare_map(map, tls_policy(*directory, TlsPolicy::encrypt));
//     for (auto& file : *prepared) file.put_in_place();
//
// "encrypt" is the law's: no certificate is asked of the other side, for many providers' mail servers
// have names in other domains than the mail's. "secure" asks for one, of an authority that
// smtp_tls_CAfile names, and for a name in the mail's domain.
//
// Errors: one sentence for the administrator. One thread.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "directory/providers_directory.hpp"
#include "pecctl/replacement.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pec::pecctl {

// Lines "DOMAIN encrypt", sorted.
std::string tls_policy(const directory::ProvidersDirectory& directory, TlsPolicy level);

// A table of Postfix's, "TYPE:/PATH". texthash is the text alone, read when Postfix starts or is
// reloaded; hash, btree and cdb are indexed by postmap(1), and their changes seen by themselves.
struct PostfixMap {
  std::string type;
  std::filesystem::path file;
};

// Of the option directory_sync.tls_policy_map, not empty.
PostfixMap postfix_map_of(std::string_view option);

// Writes text, and index if there is one, beside the map's files, from where they can be put in place.
// Errors: unavailable; nothing was changed.
Result<std::vector<Replacement>> prepare_map(const PostfixMap& map, std::string_view text);

// Into `file`, as text; empty: into the table that is configured. Returns nothing to tell.
Result<std::string> write_tls_policy(const directory::ProvidersDirectory& directory,
                                     const Config::DirectorySync& options,
                                     const std::filesystem::path& file);

}  // namespace pec::pecctl

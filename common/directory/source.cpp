// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/source.hpp"

#include "directory/ldap_source.hpp"
#include "directory/ldif_source.hpp"

namespace pec::directory {

Result<std::unique_ptr<Source>> open_source(const DirectoryOptions& options) {
  if (auto file = ldif_file_of(options.source))
    return std::make_unique<LdifSource>(std::move(*file), options);
  PEC_TRY(auto server, ldap_server_of(options));
  return std::make_unique<LdapSource>(std::move(server));
}

}  // namespace pec::directory

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/identity.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"

namespace pec {

std::string operators_of(const Identity& us) {
  return "postmaster@" + us.domain;
}

bool is_ours(std::string_view address, const DirectorySnapshot& directory,
             const Identity& identity) {
  const auto* provider = directory.provider_of_domain(mime::domain_of(address));
  return provider && text::equals_ignoring_case(provider->name, identity.provider);
}

bool was_ours(std::string_view address, const DirectorySnapshot& directory,
              const Identity& identity, Instant at) {
  return directory.speaks_for(identity.provider, mime::domain_of(address), at);
}

}  // namespace pec

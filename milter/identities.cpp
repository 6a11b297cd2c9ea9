// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/identities.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"

#include <algorithm>

namespace pec::milter {

const SigningIdentity& Identities::of(std::string_view domain,
                                      const DirectorySnapshot& directory) const {
  const auto* entry = directory.provider_of_domain(domain);
  if (!entry || !text::equals_ignoring_case(entry->name, main().identity.provider)) return main();
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const SigningIdentity& each) {
    return text::equals_ignoring_case(each.unit, entry->unit);
  });
  return found == all_.end() ? main() : *found;
}

const SigningIdentity& Identities::with_address(std::string_view address) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const SigningIdentity& each) {
    return mime::same_address(each.identity.address, address);
  });
  return found == all_.end() ? main() : *found;
}

}  // namespace pec::milter

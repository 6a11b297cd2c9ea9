// SPDX-License-Identifier: GPL-2.0-or-later

// An unchecked entry of the providers' directory, from LDIF or from an LDAP server.
//
//     for (const EntryView& entry : entries) use(entry.dn, entry.attributes);
//
// Views: their maker owns the text (Ldif, or LdapEntries), and must outlive them.
#pragma once

#include <string_view>
#include <vector>

namespace pec::directory {

// The entry above all others of the directory (RFC 6109, 4.5).
inline constexpr std::string_view base_dn = "o=postacert";

struct AttributeView {
  std::string_view name;   // as written, without options (";binary")
  std::string_view value;  // the decoded octets
};

struct EntryView {
  std::string_view dn;
  std::vector<AttributeView> attributes;  // in their order; one for each value
};

}  // namespace pec::directory

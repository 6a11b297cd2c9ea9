// SPDX-License-Identifier: GPL-2.0-or-later

// An entry of the providers' directory as it stands in LDIF or comes from an LDAP server, before
// anyone has judged it.
//
//     for (const EntryView& entry : entries) use(entry.dn, entry.attributes);
//
// Views: what made them owns the text (Ldif, or LdapEntries), and must outlive them.
#pragma once

#include <string_view>
#include <vector>

namespace pec::directory {

// What all entries of the directory are below (RFC 6109, 4.5).
inline constexpr std::string_view base_dn = "o=postacert";

struct AttributeView {
  std::string_view name;   // as written, without options (";binary")
  std::string_view value;  // the octets themselves, whatever way they came
};

struct EntryView {
  std::string_view dn;
  std::vector<AttributeView> attributes;  // in their order; one for each value
};

}  // namespace pec::directory

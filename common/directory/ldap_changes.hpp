// SPDX-License-Identifier: GPL-2.0-or-later

// What must be done to the entries that an LDAP server holds, so that they become others: the least
// that does it, in an order that a server takes.
//
//     auto changes = changes_between(held.views, wanted.entries);
//     if (!changes) return tl::unexpected(changes.error());
//     LdapTransaction(*connection).apply(*changes);      // ldap_transaction.hpp
//
// What stays changes first; then entries come, parents first; then others go, children first. Entries
// are the same if their names are, by RFC 4514 and without regard to the case of ASCII letters. In an
// entry that stays, managedDomains changes value by value, for there may be 100,000 of them; of any
// other attribute all values are replaced if one differs, for certificates have no rule by which a
// server could find one of them (openldap/pec.ldif). Domains, hashes and object classes are the same
// in any case of their letters, other values only octet by octet. Options of attributes don't count.
//
// The base entry, o=postacert, is added if there is none, and never removed: it changes only if the
// wanted entries say what it is.
//
// Views: into the entries that were compared. Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "directory/entry.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace pec::directory {

struct AttributeChange {
  enum class Kind { add, remove, replace };
  Kind kind;
  std::string_view name;
  std::vector<std::string_view> values;  // replaced by none: the attribute goes

  bool operator==(const AttributeChange&) const = default;
};

struct EntryChange {
  enum class Kind { add, modify, remove };
  Kind kind;
  std::string_view dn;
  std::vector<AttributeChange> attributes;  // all, if it is added or removed
  bool of_family = false;  // to remove: it is below another provider, or others below it go, too

  bool operator==(const EntryChange&) const = default;
};

// The base entry if nobody says what it is.
const EntryView& plain_base_entry();

// Error: bad_input, a name that is none, or is there twice.
Result<std::vector<EntryChange>> changes_between(const std::vector<EntryView>& held,
                                                 const std::vector<EntryView>& wanted);

// How many entries and values of managedDomains come and go. A domain that moves from one provider to
// another goes and comes. The base entry doesn't count.
struct ChangeCount {
  std::size_t entries_added = 0, entries_changed = 0, entries_removed = 0;
  std::size_t domains_added = 0, domains_removed = 0;
};
ChangeCount count(const std::vector<EntryChange>& changes);

}  // namespace pec::directory

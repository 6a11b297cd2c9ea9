// SPDX-License-Identifier: GPL-2.0-or-later

// The changes that turn one set of entries into another: as few as possible, in an order that an
// LDAP server accepts.
//
//     auto changes = changes_between(held.views, wanted.entries);
//     if (!changes) return tl::unexpected(changes.error());
//     LdapTransaction(*connection).apply(*changes);      // ldap_transaction.hpp
//
// Entries that stay are changed first. Then entries are added, parents first; then others are
// removed, children first. Entries are the same if their names are, by RFC 4514 and without regard
// to the case of ASCII letters.
//
// In an entry that stays, managedDomains changes value by value, since there may be 100,000 of
// them. Of any other attribute all values are replaced if one differs: certificates have no
// matching rule by which a server could find one of them (openldap/pec.ldif). Domains, hashes and
// object classes are compared without case, other values octet by octet. Options of attributes
// don't count.
//
// The base entry, o=postacert, is added if it is missing, and never removed. It changes only if the
// wanted entries contain it.
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
  std::vector<std::string_view> values;  // replaced by none: the attribute is removed

  bool operator==(const AttributeChange&) const = default;
};

struct EntryChange {
  enum class Kind { add, modify, remove };
  Kind kind;
  std::string_view dn;
  std::vector<AttributeChange> attributes;  // all of them, if the entry is added or removed
  bool of_family = false;  // to remove: it is below another provider, or entries below it go, too

  bool operator==(const EntryChange&) const = default;
};

// The base entry for a directory that does not contain one.
const EntryView& plain_base_entry();

// Error: bad_input, if a name is malformed or appears twice.
Result<std::vector<EntryChange>> changes_between(const std::vector<EntryView>& held,
                                                 const std::vector<EntryView>& wanted);

// The number of entries and of values of managedDomains that are added and removed. A domain that
// moves to another provider counts as both. The base entry doesn't count.
struct ChangeCount {
  std::size_t entries_added = 0, entries_changed = 0, entries_removed = 0;
  std::size_t domains_added = 0, domains_removed = 0;
};
ChangeCount count(const std::vector<EntryChange>& changes);

}  // namespace pec::directory

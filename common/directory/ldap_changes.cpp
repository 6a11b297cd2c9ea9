// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldap_changes.hpp"

#include "base/c_handle.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <ldap.h>
#include <map>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace pec::directory {

namespace {

using AttributeKind = AttributeChange::Kind;
using EntryKind = EntryChange::Kind;

constexpr std::string_view domains_name = "managedDomains";

bool is_domains(std::string_view name) {
  return text::equals_ignoring_case(name, domains_name);
}

// A name, prepared for comparison.
struct Name {
  std::string key;
  std::string parent;               // the key of the entry above it
  std::size_t depth = 0;            // the number of its parts
  std::vector<std::string> naming;  // the attributes of its first part, in lower case
};

using DnHandle = CHandle<std::remove_pointer_t<LDAPDN>, ldap_dnfree>;
using LdapText = CHandle<char, ldap_memfree>;

// Writes a name in one fixed form, in lower case.
bool write_name(LDAPDN dn, std::string& text) {
  char* written = nullptr;
  if (ldap_dn2str(dn, &written, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) return false;
  text = text::lower(LdapText(written).get());
  return true;
}

Result<Name> read_name(std::string_view dn) {
  const auto wrong = [&] {
    return bad_input(fmt::format("\"{}\" is not the name of an entry", text::printable(dn)));
  };
  std::string copy(dn);
  berval value{.bv_len = copy.size(), .bv_val = copy.data()};
  LDAPDN parsed = nullptr;
  if (dn.find('\0') != std::string_view::npos ||
      ldap_bv2dn(&value, &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS || parsed == nullptr)
    return wrong();
  const DnHandle held(parsed);
  Name name;
  if (!write_name(parsed, name.key) || !write_name(parsed + 1, name.parent)) return wrong();
  while (parsed[name.depth] != nullptr) ++name.depth;
  for (LDAPRDN part = parsed[0]; *part != nullptr; ++part)
    name.naming.push_back(
        text::lower(std::string_view((*part)->la_attr.bv_val, (*part)->la_attr.bv_len)));
  return name;
}

// A value, and its form for comparison.
struct Value {
  std::string key;
  std::string_view written;
};

struct Attribute {
  std::string_view name;
  std::vector<Value> values;  // sorted by key, each key once
};

struct Entry {
  Name name;
  std::string_view dn;
  std::map<std::string, Attribute> attributes;  // by their names in lower case
};

bool by_key(const Value& a, const Value& b) {
  return a.key < b.key;
}

bool same_key(const Value& a, const Value& b) {
  return a.key == b.key;
}

Value read_value(std::string_view attribute, std::string_view value) {
  if (attribute == "manageddomains" || attribute == "providercertificatehash" ||
      attribute == "objectclass") {
    value = text::trim(value);
    return {text::lower(value), value};
  }
  return {std::string(value), value};
}

Result<Entry> read_entry(const EntryView& view) {
  PEC_TRY(auto name, read_name(view.dn));
  Entry entry{std::move(name), view.dn, {}};
  std::string_view last;  // thousands of values of one attribute follow each other
  std::string key;
  Attribute* attribute = nullptr;
  for (const auto& [written, value] : view.attributes) {
    if (attribute == nullptr || written != last) {
      last = written;
      key = text::lower(written);
      attribute = &entry.attributes.try_emplace(key, Attribute{written, {}}).first->second;
    }
    attribute->values.push_back(read_value(key, value));
  }
  for (auto& [attribute_key, read] : entry.attributes) {
    auto& values = read.values;
    std::stable_sort(values.begin(), values.end(), by_key);
    values.erase(std::unique(values.begin(), values.end(), same_key), values.end());
  }
  return entry;
}

using Entries = std::unordered_map<std::string, Entry>;  // by the keys of their names

Result<Entries> read_entries(const std::vector<EntryView>& views) {
  Entries entries;
  for (const auto& view : views) {
    PEC_TRY(auto entry, read_entry(view));
    auto key = entry.name.key;
    if (!entries.try_emplace(std::move(key), std::move(entry)).second)
      return bad_input(fmt::format("entry \"{}\" is there twice", text::printable(view.dn)));
  }
  return entries;
}

std::vector<std::string_view> written(const std::vector<Value>& values) {
  std::vector<std::string_view> all;
  all.reserve(values.size());
  for (const auto& value : values) all.push_back(value.written);
  return all;
}

AttributeChange change_of(AttributeKind kind, const Attribute& attribute) {
  return {kind, attribute.name, written(attribute.values)};
}

// Adds or removes the whole entry.
EntryChange change_of(EntryKind kind, const Entry& entry) {
  const auto each = kind == EntryKind::add ? AttributeKind::add : AttributeKind::remove;
  EntryChange change{kind, entry.dn, {}, false};
  for (const auto& [key, attribute] : entry.attributes)
    change.attributes.push_back(change_of(each, attribute));
  return change;
}

// The values of `from` that `without` does not have.
Attribute difference(const Attribute& from, const Attribute& without) {
  Attribute left{from.name, {}};
  std::set_difference(from.values.begin(), from.values.end(), without.values.begin(),
                      without.values.end(), std::back_inserter(left.values), by_key);
  return left;
}

void compare_values(const Attribute& held, const Attribute& wanted,
                    std::vector<AttributeChange>& changes) {
  const auto gone = difference(held, wanted), come = difference(wanted, held);
  if (gone.values.empty() && come.values.empty()) return;
  if (!is_domains(wanted.name)) {
    changes.push_back(change_of(AttributeKind::replace, wanted));
    return;
  }
  if (!gone.values.empty()) changes.push_back(change_of(AttributeKind::remove, gone));
  if (!come.values.empty()) changes.push_back(change_of(AttributeKind::add, come));
}

EntryChange modification_of(const Entry& held, const Entry& wanted) {
  EntryChange change{EntryKind::modify, held.dn, {}, false};
  for (const auto& [key, attribute] : held.attributes) {
    // A server adds the attributes of an entry's name to the entry (RFC 4511, 4.7), if they are
    // missing.
    const auto& naming = held.name.naming;
    const bool of_name = std::find(naming.begin(), naming.end(), key) != naming.end();
    if (!wanted.attributes.contains(key) && !of_name)
      change.attributes.push_back({AttributeKind::replace, attribute.name, {}});
  }
  for (const auto& [key, attribute] : wanted.attributes) {
    const auto found = held.attributes.find(key);
    if (found != held.attributes.end())
      compare_values(found->second, attribute, change.attributes);
    else
      change.attributes.push_back(change_of(AttributeKind::add, attribute));
  }
  return change;
}

// The order of the changes does not depend on the order of the entries.
std::vector<const Entry*> sorted(const Entries& entries) {
  std::vector<const Entry*> all;
  for (const auto& [key, entry] : entries) all.push_back(&entry);
  std::sort(all.begin(), all.end(), [](const Entry* a, const Entry* b) {
    return std::pair(a->name.depth, std::string_view(a->name.key)) <
           std::pair(b->name.depth, std::string_view(b->name.key));
  });
  return all;
}

// The held entries that are not wanted, children first.
std::vector<EntryChange> removals(const Entries& held, const Entries& wanted) {
  constexpr std::size_t depth_of_provider = 2;
  std::vector<EntryChange> changes;
  std::vector<std::string> parents;  // of removed units, and their parents
  const auto all = sorted(held);
  for (auto found = all.rbegin(); found != all.rend(); ++found) {
    const auto& entry = **found;
    const auto& name = entry.name;
    if (wanted.contains(name.key) || name.key == base_dn) continue;
    auto& change = changes.emplace_back(change_of(EntryKind::remove, entry));
    change.of_family = name.depth > depth_of_provider ||
                       std::find(parents.begin(), parents.end(), name.key) != parents.end();
    if (change.of_family) parents.push_back(name.parent);
  }
  return changes;
}

}  // namespace

const EntryView& plain_base_entry() {
  static const EntryView base{
      base_dn, {{"objectClass", "top"}, {"objectClass", "organization"}, {"o", "postacert"}}};
  return base;
}

Result<std::vector<EntryChange>> changes_between(const std::vector<EntryView>& held_views,
                                                 const std::vector<EntryView>& wanted_views) {
  PEC_TRY(const auto held, read_entries(held_views));
  PEC_TRY(auto wanted, read_entries(wanted_views));
  if (!held.contains(std::string(base_dn)))
    wanted.merge(*read_entries({plain_base_entry()}));  // does nothing if it is in there already

  std::vector<EntryChange> changes;
  const auto all_wanted = sorted(wanted);
  for (const auto* entry : all_wanted)
    if (const auto found = held.find(entry->name.key); found != held.end())
      if (auto change = modification_of(found->second, *entry); !change.attributes.empty())
        changes.push_back(std::move(change));
  for (const auto* entry : all_wanted)
    if (!held.contains(entry->name.key)) changes.push_back(change_of(EntryKind::add, *entry));
  auto gone = removals(held, wanted);
  std::move(gone.begin(), gone.end(), std::back_inserter(changes));
  return changes;
}

ChangeCount count(const std::vector<EntryChange>& changes) {
  ChangeCount sum;
  for (const auto& change : changes) {
    if (text::equals_ignoring_case(change.dn, base_dn)) continue;
    if (change.kind == EntryKind::add) ++sum.entries_added;
    if (change.kind == EntryKind::modify) ++sum.entries_changed;
    if (change.kind == EntryKind::remove) ++sum.entries_removed;
    for (const auto& attribute : change.attributes) {
      if (!is_domains(attribute.name)) continue;
      const bool added = attribute.kind == AttributeKind::add;
      (added ? sum.domains_added : sum.domains_removed) += attribute.values.size();
    }
  }
  return sum;
}

}  // namespace pec::directory

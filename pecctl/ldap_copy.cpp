// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/ldap_copy.hpp"

#include "base/text.hpp"
#include "base/utc.hpp"
#include "directory/ldap_changes.hpp"
#include "directory/ldap_transaction.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec::pecctl {

using namespace directory;

namespace {

// A server needs minutes for half a million domains.
constexpr std::chrono::minutes answer_limit{5};

// The text before the time of the signature, in a description of the base entry.
constexpr std::string_view signed_on = "directory signed on ";

bool says_when_signed(const AttributeView& attribute) {
  return text::equals_ignoring_case(attribute.name, "description") &&
         attribute.value.starts_with(signed_on);
}

bool is_base(const EntryView& entry) {
  return text::equals_ignoring_case(entry.dn, base_dn);
}

// The base entry among the wanted ones. If they lack it, it stays as the server has it.
EntryView& base_of(std::vector<EntryView>& wanted, const std::vector<EntryView>& held) {
  const auto found = std::find_if(wanted.begin(), wanted.end(), is_base);
  if (found != wanted.end()) return *found;
  return wanted.emplace_back(held.empty() ? plain_base_entry() : held.front());
}

std::string in_words(const ChangeCount& count) {
  return fmt::format("entries: {} added, {} changed, {} removed; domains: {} added, {} removed",
                     count.entries_added, count.entries_changed, count.entries_removed,
                     count.domains_added, count.domains_removed);
}

}  // namespace

Result<LdapCopy> LdapCopy::read(const DirectoryOptions& options) {
  PEC_TRY(auto server, ldap_server_of(options));
  server.as_user = server.bind_dn.empty() && server.url.starts_with("ldapi://");
  server.answer_limit = answer_limit;
  auto kept = std::make_unique<LdapServer>(std::move(server));
  PEC_TRY(auto connection, LdapConnection::open(*kept));
  LdapCopy copy(std::move(kept), std::move(connection));
  PEC_TRY_VOID(copy.read_entries());
  return copy;
}

Result<void> LdapCopy::read_entries() {
  const std::string base(base_dn);
  PEC_TRY(base_, connection_.entry(base));
  if (base_.views.empty()) return {};
  PEC_TRY(providers_, connection_.search(base, "provider", {LDAP_ALL_USER_ATTRIBUTES}));
  return {};
}

Result<std::shared_ptr<const ProvidersDirectory>> LdapCopy::providers() const {
  if (providers_.views.empty()) return nullptr;
  return ProvidersDirectory::from_entries(providers_.views);
}

std::optional<Instant> LdapCopy::signed_at() const {
  for (const auto& entry : base_.views)
    for (const auto& attribute : entry.attributes)
      if (says_when_signed(attribute))
        return instant_of_utc(attribute.value.substr(signed_on.size()));
  return std::nullopt;
}

// A flawed entry is replaced by the server's version of it. If the server has none, the entry stays
// as it came, if any part of it is usable.
std::vector<EntryView> LdapCopy::without_flawed(const std::vector<EntryView>& entries,
                                                const std::vector<EntryFlaw>& flaws) const {
  std::vector<EntryView> wanted;
  for (const auto& entry : entries) {
    const auto is_it = [&](const auto& each) {
      return text::equals_ignoring_case(each.dn, entry.dn);
    };
    const auto flaw = std::find_if(flaws.begin(), flaws.end(), [&](const EntryFlaw& each) {
      return each.keeps_entry_out() && is_it(each);
    });
    const auto held = std::find_if(providers_.views.begin(), providers_.views.end(), is_it);
    if (flaw != flaws.end() && held != providers_.views.end())
      wanted.push_back(*held);
    else if (flaw == flaws.end() || flaw->in_use != EntryFlaw::InUse::nothing)
      wanted.push_back(entry);
  }
  return wanted;
}

Result<std::string> LdapCopy::become(const std::vector<EntryView>& entries,
                                     const std::vector<EntryFlaw>& flaws,
                                     const std::optional<Instant>& signed_at) {
  auto wanted = without_flawed(entries, flaws);
  auto& base = base_of(wanted, base_.views);
  std::erase_if(base.attributes, says_when_signed);
  const auto when = signed_at ? fmt::format("{}{}", signed_on, utc_time(*signed_at)) : "";
  if (signed_at) base.attributes.push_back({"description", when});

  auto held = base_.views;
  held.insert(held.end(), providers_.views.begin(), providers_.views.end());
  PEC_TRY(const auto changes, changes_between(held, wanted));
  if (changes.empty()) return "the server has all of it already";
  PEC_TRY_VOID(LdapTransaction(connection_).apply(changes));
  return in_words(count(changes));
}

}  // namespace pec::pecctl

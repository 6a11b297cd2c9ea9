// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/providers_directory.hpp"

#include "base/text.hpp"
#include "directory/ldif.hpp"
#include "mime/address.hpp"
#include "mime/digest.hpp"
#include "smime/certificate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <functional>

namespace pec::directory {

namespace {

bool is_below_base(std::string_view dn) {
  if (!text::ends_with_ignoring_case(dn, base_dn)) return false;
  dn.remove_suffix(base_dn.size());
  return text::trim(dn).ends_with(',');
}

bool are_same(const EntryNames& a, const EntryNames& b) {
  return !a.name.empty() && text::equals_ignoring_case(a.name, b.name) &&
         text::equals_ignoring_case(a.unit, b.unit);
}

template <class List, class Value>
void remove_from(List& list, const Value& value) {
  list.erase(std::remove(list.begin(), list.end(), value), list.end());
}

}  // namespace

std::string EntryFlaw::text() const {
  switch (in_use) {
    case InUse::last_good:
      return what + "; its last good version is in use";
    case InUse::what_can_be_read:
      return what + "; what else can be read of it is in use";
    case InUse::all_but_address:
      return what + "; it is not taken for one of its own";
    case InUse::nothing:
      break;
  }
  return what + "; none of it is in use";
}

const Provider* KnownBefore::provider_at(std::string_view dn) const {
  return last_good ? last_good->provider_at(dn) : nullptr;
}

bool KnownBefore::is_ours(std::string_view provider) const {
  return !our_provider.empty() && text::equals_ignoring_case(provider, our_provider);
}

Result<std::shared_ptr<const ProvidersDirectory>> ProvidersDirectory::from_ldif(
    std::string_view ldif, const KnownBefore& before) {
  PEC_TRY(const auto parsed, parse_ldif(ldif));
  return from_entries(parsed.entries, before);
}

Result<std::shared_ptr<const ProvidersDirectory>> ProvidersDirectory::from_entries(
    const std::vector<EntryView>& entries, const KnownBefore& before) {
  std::shared_ptr<ProvidersDirectory> directory(new ProvidersDirectory);
  std::vector<ReadEntry> all;
  for (const auto& entry : entries) {
    if (text::equals_ignoring_case(entry.dn, base_dn)) continue;
    if (!is_below_base(entry.dn)) return bad_input(flaw_of(entry.dn, "not below o=postacert"));
    auto read = read_provider(entry, before.provider_at(entry.dn));
    const auto first = std::find_if(all.begin(), all.end(), [&](const ReadEntry& each) {
      return are_same(each.names, read.names);
    });
    if (first == all.end()) {
      all.push_back(std::move(read));
      directory->dns_.emplace_back(entry.dn);
    } else {
      // Nobody can say which of the two is the provider's, so neither is used.
      first->provider = {read.names.name, read.names.unit, {}, {}, {}, {}};
      first->flaw = flaw_of(entry.dn, "it is there twice");
    }
  }
  if (all.empty()) return bad_input("no provider in it; put the providers' directory there");
  for (auto& each : all) directory->providers_.push_back(std::move(each.provider));
  PEC_TRY_VOID(directory->resolve(all, before));
  return directory;
}

// The order: find the flawed entries, replace them, then settle conflicts. A good entry keeps all
// that it says, and the replacement of a flawed one takes nothing from it. If an entry had
// something in the last good directory, another's claim does not make it flawed. Otherwise any
// provider could keep another's changes out, and a claim on ours would keep the whole directory
// out.
Result<void> ProvidersDirectory::resolve(std::vector<ReadEntry>& read, const KnownBefore& known) {
  for (const auto& conflict : index())
    for (const auto& [i, other] :
         {std::pair(conflict.first, conflict.second), std::pair(conflict.second, conflict.first)})
      if (read[i].flaw.empty() && (!had(i, conflict, known) || had(other, conflict, known)))
        read[i].flaw = two_entries(conflict);

  std::vector<int> rank(providers_.size(), 2);  // of two with one claim, the higher one keeps it
  for (std::size_t i = 0; i < providers_.size(); ++i) {
    if (read[i].flaw.empty()) continue;
    using InUse = EntryFlaw::InUse;
    EntryFlaw flaw{dns_[i], providers_[i].name.empty() ? read[i].names.name : providers_[i].name,
                   read[i].flaw};
    const auto* before = known.provider_at(dns_[i]);
    if (before) {
      providers_[i] = *before;
      flaw.in_use = InUse::last_good;
    } else if (gap(providers_[i]).empty()) {
      flaw.in_use = InUse::what_can_be_read;
    }
    rank[i] = before ? 1 : flaw.in_use == InUse::nothing ? -1 : 0;
    flaws_.push_back(std::move(flaw));
  }
  for (std::size_t i = providers_.size(); i-- > 0;)
    if (rank[i] < 0) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      providers_.erase(providers_.begin() + at);
      dns_.erase(dns_.begin() + at);
      rank.erase(rank.begin() + at);
    }
  if (providers_.empty()) return bad_input(flaws_.front().what);

  for (auto conflicts = index(); !conflicts.empty(); conflicts = index())
    for (const auto& [first, second, domain, certificate] : conflicts)
      for (const auto& [i, other] : {std::pair(first, second), std::pair(second, first)}) {
        if (rank[i] > rank[other]) continue;
        auto& loser = providers_[i];
        remove_from(loser.managed_domains, domain);
        const auto& hashes = loser.certificate_hashes;
        const auto at = std::find(hashes.begin(), hashes.end(), certificate) - hashes.begin();
        if (at == std::ssize(hashes)) continue;
        loser.certificates.erase(loser.certificates.begin() + at);
        loser.certificate_hashes.erase(loser.certificate_hashes.begin() + at);
      }
  return note_addresses();
}

bool ProvidersDirectory::had(std::size_t i, const Conflict& conflict,
                             const KnownBefore& known) const {
  if (known.is_ours(providers_[i].name)) return true;
  const auto* before = known.provider_at(dns_[i]);
  if (before == nullptr) return false;
  const auto holds = [](const auto& list, const std::string& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  return holds(before->managed_domains, conflict.domain) ||
         holds(before->certificate_hashes, conflict.certificate);
}

std::vector<ProvidersDirectory::Conflict> ProvidersDirectory::index() {
  std::vector<Conflict> conflicts;
  index_domains(conflicts);
  index_certificates(conflicts);
  return conflicts;
}

void ProvidersDirectory::index_domains(std::vector<Conflict>& conflicts) {
  by_domain_.assign(std::bit_ceil(2 * domain_count() + 1), {});
  for (const auto& provider : providers_)
    for (const auto& domain : provider.managed_domains) {
      auto& slot = by_domain_[slot_of(domain)];
      if (slot.provider != nullptr && slot.provider != &provider)
        conflicts.push_back({place_of(*slot.provider), place_of(provider), domain, {}});
      else
        slot = {domain, &provider};
    }
}

std::size_t ProvidersDirectory::slot_of(std::string_view domain) const {
  const auto mask = by_domain_.size() - 1;
  auto slot = std::hash<std::string_view>()(domain) & mask;
  while (by_domain_[slot].provider != nullptr && by_domain_[slot].domain != domain)
    slot = (slot + 1) & mask;
  return slot;
}

void ProvidersDirectory::index_certificates(std::vector<Conflict>& conflicts) {
  by_hash_.clear();
  for (const auto& provider : providers_)
    for (std::size_t i = 0; i < provider.certificates.size(); ++i) {
      const auto& hash = provider.certificate_hashes[i];
      const auto [known, is_new] =
          by_hash_.emplace(hash, KnownCertificate{&provider, provider.certificates[i]});
      if (is_new || known->second.provider == &provider) continue;
      auto& owner = known->second.provider;
      const bool of_one_provider = text::equals_ignoring_case(owner->name, provider.name) &&
                                   (!owner->unit.empty() || !provider.unit.empty());
      if (!of_one_provider || known->second.der != provider.certificates[i])
        conflicts.push_back({place_of(*owner), place_of(provider), {}, hash});
      else if (provider.unit.empty())
        owner = &provider;
    }
}

Result<void> ProvidersDirectory::note_addresses() {
  const auto note = [&](const Provider& provider, std::string_view address) {
    auto domain = text::lower(mime::domain_of(address));
    const auto* manager = provider_of_domain(domain);
    if (manager && !text::equals_ignoring_case(manager->name, provider.name))
      return note_foreign_address(provider, address, *manager);
    service_addresses_.emplace_back(address);
    if (is_domain(domain) && manager == nullptr)
      address_domains_.push_back({std::move(domain), &provider});
  };
  for (const auto& provider : providers_) {
    note(provider, provider.mail_receipt);
    for (const auto& der : provider.certificates) {
      PEC_TRY(const auto certificate, smime::certificate_from_der(der));
      for (const auto& address : smime::rfc822_names(*certificate)) note(provider, address);
    }
  }
  return {};
}

// The address may be anybody's mailbox, so its holder's mail is treated as before. If the entry has
// a flaw already, this one is not noted.
void ProvidersDirectory::note_foreign_address(const Provider& provider, std::string_view address,
                                              const Provider& manager) {
  const auto& dn = dns_[place_of(provider)];
  if (std::any_of(flaws_.begin(), flaws_.end(),
                  [&](const EntryFlaw& each) { return each.dn == dn; }))
    return;
  flaws_.push_back(
      {dn, provider.name,
       flaw_of(dn, fmt::format("its address {} is in a domain of \"{}\"", text::printable(address),
                               text::printable(manager.name))),
       EntryFlaw::InUse::all_but_address});
}

std::string ProvidersDirectory::two_entries(const Conflict& conflict) const {
  const auto what =
      conflict.domain.empty() ? "certificate " + conflict.certificate : "domain " + conflict.domain;
  return fmt::format("{} is in two entries: \"{}\" and \"{}\"", what,
                     text::printable(dns_[conflict.first]), text::printable(dns_[conflict.second]));
}

std::size_t ProvidersDirectory::place_of(const Provider& provider) const {
  return static_cast<std::size_t>(&provider - providers_.data());
}

const Provider* ProvidersDirectory::provider_at(std::string_view dn) const {
  const auto found = std::find_if(dns_.begin(), dns_.end(), [&](const std::string& each) {
    return text::equals_ignoring_case(each, dn);
  });
  return found == dns_.end() ? nullptr
                             : &providers_[static_cast<std::size_t>(found - dns_.begin())];
}

std::size_t ProvidersDirectory::domain_count() const {
  std::size_t count = 0;
  for (const auto& provider : providers_) count += provider.managed_domains.size();
  return count;
}

// Allocates nothing: sessions would share the allocator's locks with a refresh that is under way.
const Provider* ProvidersDirectory::provider_of_domain(std::string_view domain) const {
  std::array<char, longest_domain> lower;
  if (domain.size() > lower.size()) return nullptr;
  std::transform(domain.begin(), domain.end(), lower.begin(),
                 [](char c) { return text::lower(c); });
  return by_domain_[slot_of({lower.data(), domain.size()})].provider;
}

const Provider* ProvidersDirectory::provider_of_certificate(
    std::string_view certificate_der) const {
  const auto found = by_hash_.find(mime::sha1_hex(certificate_der));
  if (found == by_hash_.end() || found->second.der != certificate_der) return nullptr;
  return found->second.provider;
}

// Names compare without regard to case (RFC 6109, 4.5.3). A managed domain is its manager's alone:
// other providers' entries take nothing from it.
bool ProvidersDirectory::speaks_for(std::string_view provider, std::string_view domain,
                                    Instant) const {
  if (const auto* manager = provider_of_domain(domain))
    return text::equals_ignoring_case(manager->name, provider);
  return std::any_of(address_domains_.begin(), address_domains_.end(),
                     [&](const AddressDomain& each) {
                       return text::equals_ignoring_case(each.provider->name, provider) &&
                              text::equals_ignoring_case(each.domain, domain);
                     });
}

bool ProvidersDirectory::is_service_address(std::string_view address) const {
  return std::any_of(
      service_addresses_.begin(), service_addresses_.end(),
      [&](const std::string& each) { return text::equals_ignoring_case(each, address); });
}

Owned ProvidersDirectory::owned() const {
  Owned owned;
  for (const auto& provider : providers_) {
    auto& domains = owned.domains[text::lower(provider.name)];
    domains.insert(domains.end(), provider.managed_domains.begin(), provider.managed_domains.end());
  }
  for (const auto& each : address_domains_)
    owned.domains[text::lower(each.provider->name)].push_back(each.domain);
  for (auto& [name, domains] : owned.domains) {
    std::sort(domains.begin(), domains.end());
    domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
  }
  for (const auto& [hash, known] : by_hash_) {
    const auto& [name, unit, mail_receipt, certificates, hashes, domains] = *known.provider;
    owned.certificates.push_back(
        {mime::sha256_hex(known.der), {name, unit, mail_receipt, {}, {}, {}}});
  }
  return owned;
}

DomainLoss domains_lost(const ProvidersDirectory& in_use, const ProvidersDirectory& fresh,
                        std::string_view provider) {
  DomainLoss loss;
  for (const auto& entry : in_use.providers()) {
    if (!provider.empty() && !text::equals_ignoring_case(entry.name, provider)) continue;
    loss.all += entry.managed_domains.size();
    for (const auto& domain : entry.managed_domains)
      if (fresh.provider_of_domain(domain) == nullptr && ++loss.gone == 1) loss.first = domain;
  }
  return loss;
}

}  // namespace pec::directory

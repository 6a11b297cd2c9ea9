// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/providers_directory.hpp"

#include "base/text.hpp"
#include "directory/certificate_profile.hpp"
#include "directory/ldif.hpp"
#include "directory/provider_dn.hpp"
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

constexpr std::size_t longest_domain = 255;  // RFC 1034, 3.1

tl::unexpected<Error> wrong(std::string_view dn, std::string_view what) {
  return bad_input(fmt::format("entry \"{}\": {}", text::printable(dn), what));
}

bool is_below_base(std::string_view dn) {
  if (!text::ends_with_ignoring_case(dn, base_dn)) return false;
  dn.remove_suffix(base_dn.size());
  return text::trim(dn).ends_with(',');
}

bool is_domain(std::string_view lower_case) {
  return !lower_case.empty() && lower_case.size() <= longest_domain &&
         std::all_of(lower_case.begin(), lower_case.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '_';
         });
}

// Atoms, with dots between them (RFC 5322, 3.2.3).
bool is_dot_atom(std::string_view domain) {
  const auto atoms = text::split(domain, '.');
  return atoms.size() >= 2 && std::none_of(atoms.begin(), atoms.end(),
                                           [](std::string_view atom) { return atom.empty(); });
}

std::string set_once(std::string& field, const AttributeView& attribute) {
  if (!field.empty()) return fmt::format("more than one {}", attribute.name);
  field = text::trim(attribute.value);
  return {};
}

std::string add_certificate(Provider& provider, std::string_view der) {
  const auto certificate = smime::certificate_from_der(der);
  if (!certificate) return fmt::format("providerCertificate: {}", certificate.error().detail);
  provider.certificates.emplace_back(der);
  provider.certificate_hashes.push_back(smime::sha1_hex(der));
  return {};
}

std::string add_domain(Provider& provider, std::string_view value) {
  auto domain = text::lower(text::trim(value));
  if (!is_domain(domain))
    return fmt::format("\"{}\" in managedDomains is not a domain", text::printable(domain));
  if (!is_dot_atom(domain))
    return fmt::format("\"{}\" in managedDomains is no mail domain", text::printable(domain));
  provider.managed_domains.push_back(std::move(domain));
  return {};
}

// Attributes that the rules don't use (description, objectClass, LDIFLocationURL) are passed over;
// hashes are checked once all certificates are known. Returns what is wrong; such a value is left out.
std::string add_attribute(Provider& provider, const AttributeView& attribute) {
  const auto is = [&](std::string_view name) {
    return text::equals_ignoring_case(attribute.name, name);
  };
  if (is("managedDomains")) return add_domain(provider, attribute.value);
  if (is("providerCertificate")) return add_certificate(provider, attribute.value);
  if (is("providerName")) return set_once(provider.name, attribute);
  if (is("providerUnit")) return set_once(provider.unit, attribute);
  if (is("mailReceipt")) return set_once(provider.mail_receipt, attribute);
  return {};
}

std::string hash_flaw(const Provider& provider, const EntryView& entry) {
  for (const auto& [name, value] : entry.attributes) {
    if (!text::equals_ignoring_case(name, "providerCertificateHash")) continue;
    const auto hash = text::lower(text::trim(value));
    const auto& known = provider.certificate_hashes;
    if (std::find(known.begin(), known.end(), hash) == known.end())
      return fmt::format("providerCertificateHash {} is not that of a certificate in this entry",
                         text::printable(hash));
  }
  return {};
}

// What every entry needs and this one lacks.
std::string gap(const Provider& provider) {
  if (provider.name.empty()) return "no providerName";
  if (provider.mail_receipt.empty()) return "no mailReceipt";
  if (provider.certificates.empty()) return "no providerCertificate";
  if (provider.managed_domains.empty()) return "no managedDomains";
  return {};
}

// Certificates that are in use are not asked: those who issue them are bound by the profile, and
// not all have kept to it.
std::string new_certificates_flaw(const Provider& provider, const Provider& before) {
  for (std::size_t i = 0; i < provider.certificates.size(); ++i) {
    const auto& der = provider.certificates[i];
    const auto& known = before.certificates;
    if (std::find(known.begin(), known.end(), der) != known.end()) continue;
    const auto certificate = smime::certificate_from_der(der);
    const auto flaw =
        certificate ? profile_flaw(**certificate, provider.name) : certificate.error().detail;
    if (!flaw.empty())
      return fmt::format("certificate {} is not of the profile of RFC 6109, 5.5: {}",
                         provider.certificate_hashes[i], flaw);
  }
  return {};
}

// A provider is known by its name. What stands in an entry is its provider's own word, where the entry stands
// is not: so an entry is about whom its DN names, whomever else it names.
std::string take_names_of_dn(Provider& provider, const EntryNames& names) {
  const auto flaw = [&]() -> std::string {
    if (names.name.empty()) return "the entry's DN names no provider";
    if (provider.name.empty()) return "no providerName";
    if (!text::equals_ignoring_case(provider.name, names.name))
      return fmt::format("providerName \"{}\" is not the one in the entry's DN",
                         text::printable(provider.name));
    if (!text::equals_ignoring_case(provider.unit, names.unit))
      return fmt::format("providerUnit \"{}\" is not the one in the entry's DN",
                         text::printable(provider.unit));
    return {};
  }();
  if (!flaw.empty() && !provider.name.empty()) {
    provider.name = names.name;
    provider.unit = names.unit;
  }
  return flaw;
}

struct ReadEntry {
  Provider provider;  // as far as it can be read
  std::string flaw;   // the first; empty: none
};

ReadEntry read_provider(const EntryView& entry, const EntryNames& names, const Provider* before) {
  ReadEntry read;
  auto& [provider, flaw] = read;
  for (const auto& attribute : entry.attributes)
    if (auto wrong = add_attribute(provider, attribute); flaw.empty()) flaw = std::move(wrong);
  if (flaw.empty()) flaw = gap(provider);
  if (auto other = take_names_of_dn(provider, names); flaw.empty()) flaw = std::move(other);
  if (flaw.empty()) flaw = hash_flaw(provider, entry);
  if (flaw.empty() && before) flaw = new_certificates_flaw(provider, *before);
  if (!flaw.empty()) flaw = fmt::format("entry \"{}\": {}", text::printable(entry.dn), flaw);
  provider.managed_domains.shrink_to_fit();
  return read;
}

// Where an entry of these names is among them; their size: nowhere.
std::size_t place_of_names(const std::vector<EntryNames>& places, const EntryNames& names) {
  const auto found = std::find_if(places.begin(), places.end(), [&](const EntryNames& each) {
    return !names.name.empty() && text::equals_ignoring_case(each.name, names.name) &&
           text::equals_ignoring_case(each.unit, names.unit);
  });
  return static_cast<std::size_t>(found - places.begin());
}

// "providerName=PEC Alfa,o=postacert" gives "PEC Alfa".
std::string name_in(std::string_view dn) {
  const auto names = names_in_dn(dn);
  return names ? names->name : std::string();
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
  return what + "; nothing of it is in use";
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
  std::vector<std::string> flaws;  // of the providers, in the same order; empty: none
  std::vector<EntryNames> places;  // likewise
  for (const auto& entry : entries) {
    if (text::equals_ignoring_case(entry.dn, base_dn)) continue;
    if (!is_below_base(entry.dn)) return wrong(entry.dn, "not below o=postacert");
    auto names = names_in_dn(entry.dn).value_or(EntryNames());
    if (const auto first = place_of_names(places, names); first < places.size()) {
      // Nobody can say which of the two is the provider's: nothing of either is.
      directory->providers_[first] = {names.name, names.unit, {}, {}, {}, {}};
      flaws[first] = fmt::format("entry \"{}\": it is there twice", text::printable(entry.dn));
      continue;
    }
    auto read = read_provider(entry, names, before.provider_at(entry.dn));
    places.push_back(std::move(names));
    directory->providers_.push_back(std::move(read.provider));
    directory->dns_.emplace_back(entry.dn);
    flaws.push_back(std::move(read.flaw));
  }
  if (flaws.empty()) return bad_input("no provider in it; put the providers' directory there");
  PEC_TRY_VOID(directory->resolve(flaws, before));
  return directory;
}

// First it shows which entries are flawed, then what takes their place, then who has what: where an
// entry is good, what it says is so, and one that stands in for a flawed one takes nothing from it.
// Who had it in the last good directory is not flawed by another's claim: else any provider could keep
// another's changes out, and ours the whole directory.
Result<void> ProvidersDirectory::resolve(std::vector<std::string>& flaws,
                                         const KnownBefore& known) {
  for (const auto& conflict : index())
    for (const auto& [i, other] :
         {std::pair(conflict.first, conflict.second), std::pair(conflict.second, conflict.first)})
      if (flaws[i].empty() && (!had(i, conflict, known) || had(other, conflict, known)))
        flaws[i] = two_entries(conflict);

  std::vector<int> rank(providers_.size(), 2);  // of who keeps what two claim
  for (std::size_t i = 0; i < providers_.size(); ++i) {
    if (flaws[i].empty()) continue;
    using InUse = EntryFlaw::InUse;
    EntryFlaw flaw{dns_[i], providers_[i].name.empty() ? name_in(dns_[i]) : providers_[i].name,
                   flaws[i]};
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

// It may be anybody's mailbox: for its holder's mail it changes nothing. Told unless the entry is flawed anyway.
void ProvidersDirectory::note_foreign_address(const Provider& provider, std::string_view address,
                                              const Provider& manager) {
  const auto& dn = dns_[place_of(provider)];
  if (std::any_of(flaws_.begin(), flaws_.end(),
                  [&](const EntryFlaw& each) { return each.dn == dn; }))
    return;
  flaws_.push_back(
      {dn, provider.name,
       fmt::format("entry \"{}\": its address {} is in a domain of \"{}\"", text::printable(dn),
                   text::printable(address), text::printable(manager.name)),
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
  const auto found = by_hash_.find(smime::sha1_hex(certificate_der));
  if (found == by_hash_.end() || found->second.der != certificate_der) return nullptr;
  return found->second.provider;
}

// Names compare without regard to case (RFC 6109, 4.5.3). A domain that somebody manages is that one's
// alone: what others write into their own records takes
// nothing from it.
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

#include "directory/providers_directory.hpp"

#include "base/text.hpp"
#include "directory/ldif.hpp"
#include "mime/address.hpp"
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

Result<void> set_once(std::string& field, const AttributeView& attribute, std::string_view dn) {
  if (!field.empty()) return wrong(dn, fmt::format("more than one {}", attribute.name));
  field = text::trim(attribute.value);
  return {};
}

Result<void> add_certificate(Provider& provider, std::string_view der, std::string_view dn) {
  const auto certificate = smime::certificate_from_der(der);
  if (!certificate)
    return wrong(dn, fmt::format("providerCertificate: {}", certificate.error().detail));
  provider.certificates.emplace_back(der);
  provider.certificate_hashes.push_back(smime::sha1_hex(der));
  return {};
}

Result<void> add_domain(Provider& provider, std::string_view value, std::string_view dn) {
  auto domain = text::lower(text::trim(value));
  if (!is_domain(domain))
    return wrong(dn,
                 fmt::format("\"{}\" in managedDomains is not a domain", text::printable(domain)));
  provider.managed_domains.push_back(std::move(domain));
  return {};
}

// Attributes that the rules don't use (description, objectClass, LDIFLocationURL) are passed over;
// hashes are checked once all certificates are known.
Result<void> add_attribute(Provider& provider, const AttributeView& attribute,
                           std::string_view dn) {
  const auto is = [&](std::string_view name) {
    return text::equals_ignoring_case(attribute.name, name);
  };
  if (is("managedDomains")) return add_domain(provider, attribute.value, dn);
  if (is("providerCertificate")) return add_certificate(provider, attribute.value, dn);
  if (is("providerName")) return set_once(provider.name, attribute, dn);
  if (is("providerUnit")) return set_once(provider.unit, attribute, dn);
  if (is("mailReceipt")) return set_once(provider.mail_receipt, attribute, dn);
  return {};
}

Result<void> check_hashes(const Provider& provider, const EntryView& entry) {
  for (const auto& [name, value] : entry.attributes) {
    if (!text::equals_ignoring_case(name, "providerCertificateHash")) continue;
    const auto hash = text::lower(text::trim(value));
    const auto& known = provider.certificate_hashes;
    if (std::find(known.begin(), known.end(), hash) == known.end())
      return wrong(entry.dn, fmt::format("providerCertificateHash {} is not that of a certificate "
                                         "in this entry",
                                         text::printable(hash)));
  }
  return {};
}

Result<Provider> read_provider(const EntryView& entry) {
  Provider provider;
  for (const auto& attribute : entry.attributes)
    if (auto added = add_attribute(provider, attribute, entry.dn); !added)
      return tl::unexpected(added.error());
  if (provider.name.empty()) return wrong(entry.dn, "no providerName");
  if (provider.mail_receipt.empty()) return wrong(entry.dn, "no mailReceipt");
  if (provider.certificates.empty()) return wrong(entry.dn, "no providerCertificate");
  if (provider.managed_domains.empty()) return wrong(entry.dn, "no managedDomains");
  if (auto checked = check_hashes(provider, entry); !checked)
    return tl::unexpected(checked.error());
  provider.managed_domains.shrink_to_fit();
  return provider;
}

}  // namespace

Result<std::shared_ptr<const ProvidersDirectory>> ProvidersDirectory::from_ldif(
    std::string_view ldif) {
  const auto parsed = parse_ldif(ldif);
  if (!parsed) return tl::unexpected(parsed.error());
  return from_entries(parsed->entries);
}

Result<std::shared_ptr<const ProvidersDirectory>> ProvidersDirectory::from_entries(
    const std::vector<EntryView>& entries) {
  std::shared_ptr<ProvidersDirectory> directory(new ProvidersDirectory);
  std::vector<std::string_view> dns;  // of the providers, for sentences
  for (const auto& entry : entries) {
    if (text::equals_ignoring_case(entry.dn, base_dn)) continue;
    if (!is_below_base(entry.dn)) return wrong(entry.dn, "not below o=postacert");
    auto provider = read_provider(entry);
    if (!provider) return tl::unexpected(provider.error());
    directory->providers_.push_back(std::move(*provider));
    dns.push_back(entry.dn);
  }
  if (dns.empty()) return bad_input("no provider in it; put the providers' directory there");
  if (auto done = directory->index_domains(dns); !done) return tl::unexpected(done.error());
  if (auto done = directory->index_certificates(dns); !done) return tl::unexpected(done.error());
  if (auto done = directory->note_addresses(); !done) return tl::unexpected(done.error());
  return directory;
}

Result<void> ProvidersDirectory::index_domains(const std::vector<std::string_view>& dns) {
  by_domain_.resize(std::bit_ceil(2 * domain_count()));
  for (const auto& provider : providers_)
    for (const auto& domain : provider.managed_domains) {
      auto& slot = by_domain_[slot_of(domain)];
      if (slot.provider != nullptr && slot.provider != &provider)
        return bad_input(two_entries("domain " + domain, *slot.provider, provider, dns));
      slot = {domain, &provider};
    }
  return {};
}

std::size_t ProvidersDirectory::slot_of(std::string_view domain) const {
  const auto mask = by_domain_.size() - 1;
  auto slot = std::hash<std::string_view>()(domain) & mask;
  while (by_domain_[slot].provider != nullptr && by_domain_[slot].domain != domain)
    slot = (slot + 1) & mask;
  return slot;
}

Result<void> ProvidersDirectory::index_certificates(const std::vector<std::string_view>& dns) {
  for (const auto& provider : providers_)
    for (std::size_t i = 0; i < provider.certificates.size(); ++i) {
      const auto& hash = provider.certificate_hashes[i];
      const auto [known, is_new] =
          by_hash_.emplace(hash, KnownCertificate{&provider, provider.certificates[i]});
      if (is_new || known->second.provider == &provider) continue;
      auto& owner = known->second.provider;
      if (owner->unit.empty() && provider.unit.empty())
        return bad_input(two_entries("certificate " + hash, *owner, provider, dns));
      if (known->second.der != provider.certificates[i])
        return bad_input(
            two_entries("hash " + hash + " of different certificates", *owner, provider, dns));
      if (provider.unit.empty()) owner = &provider;
    }
  return {};
}

Result<void> ProvidersDirectory::note_addresses() {
  const auto note = [&](const Provider& provider, std::string_view address) {
    service_addresses_.emplace_back(address);
    auto domain = text::lower(mime::domain_of(address));
    if (is_domain(domain) && provider_of_domain(domain) == nullptr)
      address_domains_.push_back({std::move(domain), &provider});
  };
  for (const auto& provider : providers_) {
    note(provider, provider.mail_receipt);
    for (const auto& der : provider.certificates) {
      const auto certificate = smime::certificate_from_der(der);
      if (!certificate) return tl::unexpected(certificate.error());
      for (const auto& address : smime::rfc822_names(**certificate)) note(provider, address);
    }
  }
  return {};
}

std::string ProvidersDirectory::two_entries(std::string_view what, const Provider& first,
                                            const Provider& second,
                                            const std::vector<std::string_view>& dns) const {
  const auto dn = [&](const Provider& provider) {
    return text::printable(dns[static_cast<std::size_t>(&provider - providers_.data())]);
  };
  return fmt::format("{} is in two entries: \"{}\" and \"{}\"", what, dn(first), dn(second));
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

OwnedDomains ProvidersDirectory::owned_domains() const {
  OwnedDomains owned;
  for (const auto& provider : providers_) {
    auto& domains = owned[text::lower(provider.name)];
    domains.insert(domains.end(), provider.managed_domains.begin(), provider.managed_domains.end());
  }
  for (const auto& each : address_domains_)
    owned[text::lower(each.provider->name)].push_back(each.domain);
  for (auto& [name, domains] : owned) {
    std::sort(domains.begin(), domains.end());
    domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
  }
  return owned;
}

DomainLoss domains_lost(const ProvidersDirectory& in_use, const ProvidersDirectory& fresh,
                        std::string_view provider) {
  DomainLoss loss;
  for (const auto& entry : in_use.providers()) {
    if (!provider.empty() && entry.name != provider) continue;
    loss.all += entry.managed_domains.size();
    for (const auto& domain : entry.managed_domains)
      if (fresh.provider_of_domain(domain) == nullptr && ++loss.gone == 1) loss.first = domain;
  }
  return loss;
}

}  // namespace pec::directory

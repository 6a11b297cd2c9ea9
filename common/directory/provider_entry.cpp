// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/provider_entry.hpp"

#include "base/text.hpp"
#include "directory/certificate_profile.hpp"
#include "mime/digest.hpp"
#include "smime/certificate.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec::directory {

namespace {

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
  provider.certificate_hashes.push_back(mime::sha1_hex(der));
  return {};
}

std::string add_domain(Provider& provider, std::string_view value) {
  auto domain = text::lower(text::trim(value));
  if (!is_domain(domain))
    return fmt::format("\"{}\" in managedDomains is not a domain", text::printable(domain));
  if (!is_dot_atom(domain))
    return fmt::format("\"{}\" in managedDomains is not a mail domain", text::printable(domain));
  provider.managed_domains.push_back(std::move(domain));
  return {};
}

// Returns the flaw; a wrong value is left out. Ignores attributes that the rules don't use
// (description, objectClass, LDIFLocationURL). hash_flaw() checks the hashes, once all certificates
// are known.
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

// Does not check certificates in use: the profile binds their issuers, and not all have kept to it.
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

// A provider is known by its name. Providers write the content of their entries, but not the DN. So
// an entry is about the provider that its DN names, whomever else it names.
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

}  // namespace

bool is_domain(std::string_view lower_case) {
  return !lower_case.empty() && lower_case.size() <= longest_domain &&
         std::all_of(lower_case.begin(), lower_case.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '_';
         });
}

std::string gap(const Provider& provider) {
  if (provider.name.empty()) return "no providerName";
  if (provider.mail_receipt.empty()) return "no mailReceipt";
  if (provider.certificates.empty()) return "no providerCertificate";
  if (provider.managed_domains.empty()) return "no managedDomains";
  return {};
}

std::string flaw_of(std::string_view dn, std::string_view what) {
  return fmt::format("entry \"{}\": {}", text::printable(dn), what);
}

ReadEntry read_provider(const EntryView& entry, const Provider* before) {
  ReadEntry read;
  auto& [names, provider, flaw] = read;
  names = names_in_dn(entry.dn).value_or(EntryNames());
  for (const auto& attribute : entry.attributes)
    if (auto wrong = add_attribute(provider, attribute); flaw.empty()) flaw = std::move(wrong);
  if (flaw.empty()) flaw = gap(provider);
  if (auto other = take_names_of_dn(provider, names); flaw.empty()) flaw = std::move(other);
  if (flaw.empty()) flaw = hash_flaw(provider, entry);
  if (flaw.empty() && before) flaw = new_certificates_flaw(provider, *before);
  if (!flaw.empty()) flaw = flaw_of(entry.dn, flaw);
  provider.managed_domains.shrink_to_fit();
  return read;
}

}  // namespace pec::directory

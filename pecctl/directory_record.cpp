// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/directory_record.hpp"

#include "base/text.hpp"
#include "directory/certificate_profile.hpp"
#include "directory/ldif.hpp"
#include "directory/provider_dn.hpp"
#include "mime/digest.hpp"
#include "smime/certificate.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <utility>

namespace pec::pecctl {

namespace {

struct Entry {
  std::string dn;
  std::vector<std::pair<std::string, std::string>> attributes;
};

std::string ldif_of(const std::vector<Entry>& entries) {
  std::vector<directory::EntryView> views;
  for (const auto& entry : entries) {
    auto& view = views.emplace_back(directory::EntryView{entry.dn, {}});
    for (const auto& [name, value] : entry.attributes) view.attributes.push_back({name, value});
  }
  return directory::format_ldif(views);
}

// The signing certificate of a file that may hold its chain, too; DER.
Result<std::string> read_certificate(const std::filesystem::path& file, const std::string& name) {
  PEC_TRY(const auto certificates, smime::certificates_from_pem_file(file));
  auto& certificate = *certificates.front();
  if (const auto flaw = directory::profile_flaw(certificate, name); !flaw.empty())
    return bad_input(fmt::format("{}: the certificate is not of the profile of RFC 6109, 5.5: {}",
                                 file.string(), flaw));
  return smime::to_der(certificate);
}

Result<void> add_certificate(Entry& entry, const std::filesystem::path& file,
                             const std::string& name) {
  PEC_TRY(auto certificate, read_certificate(file, name));
  entry.attributes.emplace_back("providerCertificateHash", mime::sha1_hex(certificate));
  entry.attributes.emplace_back("providerCertificate;binary", std::move(certificate));
  return {};
}

Result<Entry> entry_of(const config::Config::Provider& us, const std::string& url,
                       const std::vector<ledger::ManagedDomain>& domains) {
  const bool main = us.unit.empty();
  if (us.service_mailbox.empty())
    return bad_input(fmt::format("{} doesn't say where take-charge receipts are to be sent",
                                 main
                                     ? "provider.service_mailbox"
                                     : fmt::format("service_mailbox of [[unit]] \"{}\"", us.unit)));
  Entry entry{directory::provider_dn(us.name, us.unit),
              {{"objectClass", "top"}, {"objectClass", "provider"}, {"providerName", us.name}}};
  if (!main) entry.attributes.emplace_back("providerUnit", us.unit);
  PEC_TRY_VOID(add_certificate(entry, us.certificate_file, us.name));
  if (!us.other_certificate_file.empty())
    PEC_TRY_VOID(add_certificate(entry, us.other_certificate_file, us.name));
  entry.attributes.emplace_back("mailReceipt", us.service_mailbox);
  if (main && !url.empty()) entry.attributes.emplace_back("LDIFLocationURL", url);

  std::set<std::string> names{text::lower(us.domain)};
  for (const auto& domain : domains)
    if (text::equals_ignoring_case(domain.unit, us.unit)) names.insert(domain.name);
  for (const auto& name : names) entry.attributes.emplace_back("managedDomains", name);
  return entry;
}

}  // namespace

Result<std::string> directory_record(const config::Config& config,
                                     const std::vector<ledger::ManagedDomain>& domains) {
  std::vector<Entry> entries;
  for (const auto& us : config.identities()) {
    PEC_TRY(auto entry, entry_of(us, config.directory_publish.url, domains));
    entries.push_back(std::move(entry));
  }
  return ldif_of(entries);
}

}  // namespace pec::pecctl

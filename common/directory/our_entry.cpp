// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/our_entry.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace pec::directory {

namespace {

// The flaws; empty if there are none.
std::string flaw_of(const OurEntry& us, const DirectorySnapshot& directory) {
  const auto section = us.unit.empty() ? "provider" : "unit";
  const auto* entry = directory.provider_of_domain(us.domain);
  if (!entry || !text::equals_ignoring_case(entry->name, us.provider) ||
      !text::equals_ignoring_case(entry->unit, us.unit))
    return fmt::format(
        "no entry with providerName \"{}\"{} manages the domain {}: correct provider.name and "
        "{}.domain, or the directory",
        us.provider, us.unit.empty() ? "" : fmt::format(" and providerUnit \"{}\"", us.unit),
        us.domain, section);
  if (us.certificate.empty()) return {};
  // A unit may sign with the certificate of the main entry.
  const auto* signer = directory.provider_of_certificate(us.certificate);
  if (signer && text::equals_ignoring_case(signer->name, us.provider)) return {};
  return fmt::format(
      "the certificate in {} is not in the entry of \"{}\": correct {}.certificate_file, or the "
      "directory",
      us.certificate_file.string(), us.provider, section);
}

}  // namespace

Result<void> check_our_entries(const std::vector<OurEntry>& all,
                               const DirectorySnapshot& directory) {
  std::vector<std::string> flaws;
  for (const auto& us : all)
    if (auto flaw = flaw_of(us, directory); !flaw.empty()) flaws.push_back(std::move(flaw));
  if (flaws.empty()) return {};
  return bad_input(text::join(flaws, "; "));
}

Result<void> check_ours(const std::vector<OurEntry>& all, const ProvidersDirectory& directory) {
  for (const auto& flaw : directory.flaws())
    for (const auto& us : all)
      if (flaw.keeps_entry_out() && text::equals_ignoring_case(us.provider, flaw.provider))
        return bad_input(flaw.what);
  return check_our_entries(all, directory);
}

}  // namespace pec::directory

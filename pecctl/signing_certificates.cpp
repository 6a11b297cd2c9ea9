// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/signing_certificates.hpp"

#include "base/text.hpp"
#include "directory/certificate_profile.hpp"
#include "smime/cms_signer.hpp"

#include <chrono>
#include <fmt/format.h>

namespace pec::pecctl {

using config::Config;

std::vector<std::pair<std::filesystem::path, Config::Provider>> signing_certificates(
    const Config& config) {
  std::vector<std::pair<std::filesystem::path, Config::Provider>> files;
  for (const auto& us : config.identities())
    for (const auto& file : {us.certificate_file, us.other_certificate_file})
      if (!file.empty()) files.emplace_back(file, us);
  return files;
}

std::vector<std::string> certificate_flaws(const std::filesystem::path& file,
                                           const Config::Provider& us, const Context& context,
                                           const Config& config) {
  const auto chain = smime::certificates_from_pem_file(file);
  if (!chain) return {chain.error().detail};
  std::vector<std::string> flaws;
  if (const auto flaw = directory::profile_flaw(*chain->front(), us.name); !flaw.empty())
    flaws.push_back(fmt::format("{}: {}", file.string(), flaw));
  if (file != us.certificate_file) return flaws;
  const auto signer = context.signer(config, us);
  if (!signer) {
    flaws.push_back(signer.error().detail);
    return flaws;
  }
  const auto expected = "posta-certificata@" + text::lower(us.domain);
  if (!text::equals_ignoring_case((*signer)->address(), expected))
    flaws.push_back(fmt::format("{} is for {}, and {} signs as {}", file.string(),
                                (*signer)->address(), us.domain, expected));
  const std::chrono::days alarm(config.directory_check.expiry_days);
  if (const auto state = (*signer)->state(context.now(), alarm); !state.good)
    flaws.push_back(state.text);
  return flaws;
}

Result<std::string> end_text(const X509& certificate, Instant now) {
  PEC_TRY(const auto dates, smime::validity(certificate));
  const auto days = std::chrono::floor<std::chrono::days>(dates.not_after - now).count();
  return fmt::format("until {}, {} days", smime::utc_text(dates.not_after), days);
}

}  // namespace pec::pecctl

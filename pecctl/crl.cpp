// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/crl.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "directory/signed_file.hpp"
#include "pecctl/replacement.hpp"
#include "smime/certificate.hpp"
#include "smime/crl_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string_view>
#include <unistd.h>

namespace pec::pecctl {

namespace {

// A file that isn't there yet has no lists.
Result<smime::CrlFile> read_crl_file(const Config::Trust& trust,
                                     const std::filesystem::path& signer_ca_file) {
  PEC_TRY(auto authorities, smime::certificates_from_pem_file(trust.ca_file));
  if (!signer_ca_file.empty()) {
    PEC_TRY(auto signers, smime::certificates_from_pem_file(signer_ca_file));
    std::move(signers.begin(), signers.end(), std::back_inserter(authorities));
  }
  if (access(trust.crl_file.c_str(), F_OK) != 0)
    return smime::CrlFile::from_pem("", std::move(authorities), trust.crl_file);
  PEC_TRY(const auto pem, read_file(trust.crl_file));
  return smime::CrlFile::from_pem(pem, std::move(authorities), trust.crl_file);
}

Result<std::string> put_from(Fetcher& web, const std::string& url, smime::CrlFile& file,
                             Instant now) {
  PEC_TRY(const auto fetched, web.fetch(url));
  auto put = file.put(fetched, now);
  if (!put) return bad_input(fmt::format("{}: {}", text::printable(url), put.error().detail));
  return fmt::format("{}: {}", text::printable(url), *put);
}

// From the first URL that gives a good one.
void renew(Fetcher& web, const CrlSource& source, smime::CrlFile& file, Instant now,
           Report& report) {
  std::vector<std::string> problems;
  for (const auto& url : source) {
    auto put = put_from(web, url, file, now);
    if (put) return report.lines.push_back(std::move(*put));
    problems.push_back(put.error().detail);
  }
  for (auto& problem : problems) report.problems.push_back(std::move(problem));
}

}  // namespace

Result<std::string> directory_signer(const directory::DirectoryOptions& options, Instant now) {
  const auto file = directory::ldif_file_of(options.source);
  if (!file || options.signer_ca_file.empty()) return "";
  PEC_TRY(const auto content, read_file(*file));
  auto opened = directory::open_signed_file(content, options, now);
  if (!opened) return bad_input(fmt::format("{}: {}", file->string(), opened.error().detail));
  return std::move(opened->certificate);
}

Result<std::set<CrlSource>> crl_sources(const directory::ProvidersDirectory& directory,
                                        std::string_view signer) {
  std::set<CrlSource> sources;
  std::vector<std::string_view> certificates;
  for (const auto& provider : directory.providers())
    certificates.insert(certificates.end(), provider.certificates.begin(),
                        provider.certificates.end());
  if (!signer.empty()) certificates.push_back(signer);
  for (const auto der : certificates) {
    PEC_TRY(const auto certificate, smime::certificate_from_der(der));
    auto source = smime::crl_urls(*certificate);
    std::erase_if(source, [](const std::string& url) {
      return !text::starts_with_ignoring_case(url, "http://");
    });
    if (!source.empty()) sources.insert(std::move(source));
  }
  if (sources.empty())
    return bad_input(
        "no certificate in the directory says where its authority's CRL is: name the URLs in "
        "trust.crl_urls");
  return sources;
}

Result<Report> update_crls(Fetcher& web, const std::set<CrlSource>& sources, const Config& config,
                           Instant now) {
  const auto& trust = config.trust;
  auto file = read_crl_file(trust, config.directory.signer_ca_file);
  if (!file) return tl::unexpected(file.error());
  Report report;
  for (const auto& source : sources) renew(web, source, *file, now, report);
  if (!file->changed()) return report;
  PEC_TRY(auto fresh, Replacement::write(trust.crl_file, file->to_pem()));
  PEC_TRY_VOID(fresh.put_in_place());
  return report;
}

}  // namespace pec::pecctl

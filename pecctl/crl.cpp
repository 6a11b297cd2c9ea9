// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl crl update`: brings trust.crl_file up to date with the CRLs that the authorities publish.
// A timer runs it much more often than CRLs end, so a web server may be down for a while.
//
// Plain HTTP is right here: a CRL is signed, and HTTPS would need a certificate, and so a CRL, to
// fetch it. smime/crl_file.hpp says which CRLs are accepted. A list that could not be renewed stays
// in the file; the others are renewed all the same.

#include "base/file.hpp"
#include "base/text.hpp"
#include "directory/signed_file.hpp"
#include "pecctl/commands.hpp"
#include "pecctl/fetch.hpp"
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

// The URLs of one CRL; any of them will do.
using CrlSource = std::vector<std::string>;

// A missing file counts as one without lists.
Result<smime::CrlFile> read_crl_file(const config::Config::Trust& trust,
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

Result<std::string> put_from(HttpFetcher& web, const std::string& url, smime::CrlFile& file,
                             Instant now) {
  PEC_TRY(const auto fetched, web.fetch(url));
  auto put = file.put(fetched, now);
  if (!put) return bad_input(fmt::format("{}: {}", text::printable(url), put.error().detail));
  return fmt::format("{}: {}", text::printable(url), *put);
}

// Takes the CRL from the first URL that gives a good one.
void renew(HttpFetcher& web, const CrlSource& source, smime::CrlFile& file, Instant now,
           Answer& answer) {
  std::vector<std::string> problems;
  for (const auto& url : source) {
    auto put = put_from(web, url, file, now);
    if (put) return answer.lines.push_back(std::move(*put));
    problems.push_back(put.error().detail);
  }
  for (auto& problem : problems) answer.problems.push_back(std::move(problem));
}

// The certificate of the signer of the directory's file, DER; empty if the file is not signed.
Result<std::string> directory_signer(const directory::DirectoryOptions& options, Instant now) {
  const auto file = directory::ldif_file_of(options.source);
  if (!file || options.signer_ca_file.empty()) return "";
  PEC_TRY(const auto content, read_file(*file));
  auto opened = directory::open_signed_file(content, options, now);
  if (!opened) return bad_input(fmt::format("{}: {}", file->string(), opened.error().detail));
  return std::move(opened->certificate);
}

// The default sources of CRLs: the HTTP URLs in the certificates of the directory and of its signer
// (cRLDistributionPoints).
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

// If the administrator names the sources, no directory is needed. Otherwise it is read without the
// lists that are about to be fetched.
Result<std::set<CrlSource>> sources_of_crls(const Context& context, const config::Config& config,
                                            Instant now) {
  std::set<CrlSource> named;
  for (const auto& url : config.trust.crl_urls) named.insert({url});
  if (!named.empty()) return named;
  auto reading = config;
  reading.directory.ask_revocation = false;
  PEC_TRY(const auto directory, context.open_directory(reading));
  PEC_TRY(const auto signer, directory_signer(reading.directory, now));
  return crl_sources(*directory, signer);
}

// An error means that the files can't be used, and nothing was changed.
Result<Answer> update_crls(const Context& context) {
  PEC_TRY(const auto config, context.load_config({config::FileUse::trust}));
  const auto& trust = config.trust;
  if (trust.crl_file.empty())
    return bad_input(
        fmt::format("{}: trust.crl_file names no file to keep CRLs in", context.config_file));
  PEC_TRY_VOID(context.become_service_user(config));
  const auto now = context.now();
  PEC_TRY(const auto sources, sources_of_crls(context, config, now));
  HttpFetcher web({.scheme = "http"});
  PEC_TRY(auto file, read_crl_file(trust, config.directory.signer_ca_file));
  Answer answer;
  for (const auto& source : sources) renew(web, source, file, now, answer);
  if (!file.changed()) return answer;
  PEC_TRY(auto fresh, Replacement::write(trust.crl_file, file.to_pem()));
  PEC_TRY_VOID(fresh.put_in_place());
  return answer;
}

}  // namespace

void add_crl(CLI::App& app, Command& chosen) {
  auto& group = add_group(app, "crl", "The authorities' lists of revoked certificates");
  add_command(group, chosen, "update", "Fetch the current lists into trust.crl_file; for a timer",
              update_crls)
      .footer("Exit status: 0 if all are current; 1 if not: those that came are in place.");
}

}  // namespace pec::pecctl

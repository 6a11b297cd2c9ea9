#include "directory_sync.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "certificate_profile.hpp"
#include "replacement.hpp"
#include "smime/certificate.hpp"
#include "smime/cms_verifier.hpp"
#include "smime/private_file.hpp"
#include "tls_policy.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <sys/stat.h>
#include <vector>

namespace pec::pecctl {

namespace {

using directory::ProvidersDirectory;

std::string name_of(const Provider& provider) {
  return text::printable(provider.unit.empty()
                             ? fmt::format("\"{}\"", provider.name)
                             : fmt::format("\"{}\", unit \"{}\"", provider.name, provider.unit));
}

// Atoms of a domain name, with dots between them (RFC 5322, 3.2.3); from_ldif() has seen to the
// letters.
bool is_dot_atom(std::string_view domain) {
  const auto atoms = text::split(domain, '.');
  return atoms.size() >= 2 && std::none_of(atoms.begin(), atoms.end(),
                                           [](std::string_view atom) { return atom.empty(); });
}

Result<void> check_provider(const Provider& provider) {
  for (const auto& domain : provider.managed_domains)
    if (!is_dot_atom(domain))
      return bad_input(
          fmt::format("{}: \"{}\" in managedDomains is no mail domain", name_of(provider), domain));
  for (std::size_t i = 0; i < provider.certificates.size(); ++i) {
    const auto certificate = smime::certificate_from_der(provider.certificates[i]);
    if (!certificate) return tl::unexpected(certificate.error());
    if (const auto flaw = profile_flaw(**certificate, provider.name); !flaw.empty())
      return bad_input(fmt::format("{}: certificate {} is not of the profile of RFC 6109, 5.5: {}",
                                   name_of(provider), provider.certificate_hashes[i], flaw));
  }
  return {};
}

Result<void> check_options(const Config& config) {
  if (!directory::ldif_file_of(config.directory.source))
    return bad_input(
        fmt::format("directory.source is {}: sync keeps a file, ldif:/PATH, up to date",
                    config.directory.source));
  if (config.directory.signer_ca_file.empty())
    return bad_input(
        "directory.signer_ca_file doesn't say who must sign the directory: an unsigned one is not "
        "put in place");
  return {};
}

// The directory in a signed file, judged for this instant.
Result<std::shared_ptr<const ProvidersDirectory>> read_signed(
    std::string_view signed_file, const std::filesystem::path& signer_ca_file, Instant at) {
  const auto verifier = smime::CmsVerifier::load(signer_ca_file);
  if (!verifier) return tl::unexpected(verifier.error());
  const auto ldif = (*verifier)->enclosed_content(signed_file, at);
  if (!ldif) return tl::unexpected(ldif.error());
  return ProvidersDirectory::from_ldif(*ldif);
}

// What is in place; nothing if there is no such file, as before the first time. It is judged for the
// time when it was put there, for its signer's certificate may have ended since.
Result<std::shared_ptr<const ProvidersDirectory>> read_ours(const Config& config) {
  const auto file = *directory::ldif_file_of(config.directory.source);
  struct stat info {};
  if (stat(file.c_str(), &info) != 0 && errno == ENOENT) return nullptr;
  const auto content = read_file(file);
  if (!content) return tl::unexpected(content.error());
  return read_signed(*content, config.directory.signer_ca_file,
                     Instant(std::chrono::seconds(info.st_mtim.tv_sec)));
}

Result<void> compare_with_ours(const Config& config, const ProvidersDirectory& fresh) {
  const auto ours = read_ours(config);
  if (!ours)
    return bad_input(fmt::format(
        "what is in place can't be compared with it ({}): see that it is right, and run "
        "this with --force",
        ours.error().detail));
  if (*ours == nullptr) return {};
  return check_shrink(**ours, fresh, config.directory.max_shrink_percent);
}

Result<std::vector<Replacement>> prepare_files(const Config& config,
                                               const ProvidersDirectory& fresh,
                                               std::string_view signed_file) {
  std::vector<Replacement> files;
  const auto& sync = config.directory_sync;
  if (!sync.tls_policy_map.empty()) {
    auto policy =
        prepare_map(postfix_map_of(sync.tls_policy_map), tls_policy(fresh, sync.tls_policy));
    if (!policy) return policy;
    files = std::move(*policy);
  }
  auto file = Replacement::write(*directory::ldif_file_of(config.directory.source), signed_file);
  if (!file) return tl::unexpected(file.error());
  files.push_back(std::move(*file));
  return files;
}

}  // namespace

Result<HttpFetcher> open_index(const Config::DirectorySync& options) {
  if (options.url.empty())
    return bad_input("directory_sync.url doesn't say where to fetch the directory from");
  if (options.ca_file.empty())
    return bad_input("directory_sync.ca_file doesn't say whose certificate that server must have");
  if (options.certificate_file.empty() != options.key_file.empty())
    return bad_input(
        "directory_sync.certificate_file and directory_sync.key_file go together: set both, or "
        "neither");
  if (!options.key_file.empty())
    if (const auto key = smime::read_private_file(options.key_file); !key)
      return tl::unexpected(key.error());
  return HttpFetcher({.scheme = "https",
                      .ca_file = options.ca_file,
                      .certificate_file = options.certificate_file,
                      .key_file = options.key_file,
                      .max_size = options.max_size,
                      .time_limit = std::chrono::seconds(options.max_seconds)});
}

Result<std::shared_ptr<const ProvidersDirectory>> judge_directory(
    std::string_view signed_file, const std::filesystem::path& signer_ca_file, Instant now) {
  auto providers = read_signed(signed_file, signer_ca_file, now);
  if (!providers) return providers;
  for (const auto& provider : (*providers)->providers())
    if (auto checked = check_provider(provider); !checked) return tl::unexpected(checked.error());
  return providers;
}

Result<void> check_shrink(const ProvidersDirectory& ours, const ProvidersDirectory& fresh,
                          std::uint64_t max_percent) {
  const auto loss = domains_lost(ours, fresh);
  if (!loss.exceeds(max_percent)) return {};
  return fail(Fault::rejected, "invalid input",
              fmt::format("{} of our {} domains are gone from it, and directory.max_shrink_percent "
                          "lets {}% go at once: if that is right, run this with --force, and then "
                          "restart pec-milter",
                          loss.gone, loss.all, max_percent));
}

Result<std::string> sync_directory(Fetcher& index, const Config& config, Instant now, bool force) {
  if (auto checked = check_options(config); !checked) return tl::unexpected(checked.error());
  const auto& url = config.directory_sync.url;
  const auto of_url = [&](const Error& error) {
    return bad_input(fmt::format("{}: {}", text::printable(url), error.detail));
  };
  const auto fetched = index.fetch(url);
  if (!fetched) return tl::unexpected(fetched.error());
  const auto fresh = judge_directory(*fetched, config.directory.signer_ca_file, now);
  if (!fresh) return of_url(fresh.error());
  if (!force)
    if (auto checked = compare_with_ours(config, **fresh); !checked) return of_url(checked.error());

  auto files = prepare_files(config, **fresh, *fetched);
  if (!files) return tl::unexpected(files.error());
  for (auto& file : *files)
    if (auto done = file.put_in_place(); !done) return tl::unexpected(done.error());
  return fmt::format("{}: {} entries, {} domains", text::printable(url),
                     (*fresh)->providers().size(), (*fresh)->domain_count());
}

}  // namespace pec::pecctl

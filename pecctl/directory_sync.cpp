// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl directory sync`: fetches the published providers' directory (RFC 6109, 4.5), and replaces
// our copy with it, and Postfix's table of certified domains. A timer runs it daily.
//
// Our copy is a file or an LDAP server, as directory.source says. The fetched signed file replaces
// a file as it came, so that every reader can verify it again. An unchanged file is written again,
// too: its date shows the age of our knowledge. A server gets the least changes, in one transaction
// (ldap_copy.hpp), and none if it has everything already.
//
// The fetched directory is put in place if all of this holds; otherwise nothing changes, not even a
// file's date:
//   1. it is signed by directory.signer_subject, of an authority in directory.signer_ca_file, valid
//      now and not revoked (directory/signed_file.hpp);
//   2. it is LDIF, and a directory (directory/providers_directory.hpp);
//   3. no entry of ours is flawed, and our certificates are of the profile of 5.5. A flaw in
//      another's entry is reported and affects that entry alone: its last good version stays in
//      use;
//   4. it is not older than our copy, if both say when they were signed; at most
//      directory.max_shrink_percent of our copy's domains are gone; we are still in it
//      (directory/our_entry.hpp), if we were; and our copy can be read. The administrator can
//      override this step.
//
// First, files are prepared beside their places, because a disk may be full. Then a server makes
// its changes, because it may refuse. Renaming the prepared files comes last, because it rarely
// fails. If it does, the next run repairs it, even if the server has nothing to change then.
// Several processes at once do no harm.

#include "base/file.hpp"
#include "base/text.hpp"
#include "directory/certificate_profile.hpp"
#include "directory/ldif.hpp"
#include "directory/our_entry.hpp"
#include "directory/signed_file.hpp"
#include "pecctl/commands.hpp"
#include "pecctl/fetch.hpp"
#include "pecctl/ldap_copy.hpp"
#include "pecctl/replacement.hpp"
#include "pecctl/tls_policy.hpp"
#include "smime/certificate.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <vector>

namespace pec::pecctl {

namespace {

using directory::ProvidersDirectory;
using Providers = std::shared_ptr<const ProvidersDirectory>;

std::string name_of(const Provider& provider) {
  return text::printable(provider.unit.empty()
                             ? fmt::format("\"{}\"", provider.name)
                             : fmt::format("\"{}\", unit \"{}\"", provider.name, provider.unit));
}

// Others may use certificates outside the profile for years; ours must be right.
Result<void> check_our_certificates(const Provider& provider) {
  for (std::size_t i = 0; i < provider.certificates.size(); ++i) {
    PEC_TRY(const auto certificate, smime::certificate_from_der(provider.certificates[i]));
    if (const auto flaw = directory::profile_flaw(*certificate, provider.name); !flaw.empty())
      return bad_input(fmt::format("{}: certificate {} is not of the profile of RFC 6109, 5.5: {}",
                                   name_of(provider), provider.certificate_hashes[i], flaw));
  }
  return {};
}

// The content of a signed file: the LDIF, and the directory that we read from it.
struct SignedDirectory {
  directory::Ldif ldif;
  Providers providers;
  std::optional<Instant> signed_at;
};

// The directory in a signed file. `at`: the time for which the signer is judged.
Result<SignedDirectory> read_signed(std::string_view signed_file,
                                    const directory::DirectoryOptions& options, Instant at,
                                    const ProvidersDirectory* last_good = nullptr) {
  PEC_TRY(const auto opened, directory::open_signed_file(signed_file, options, at));
  PEC_TRY(auto ldif, directory::parse_ldif(opened.content));
  PEC_TRY(auto providers,
          ProvidersDirectory::from_entries(ldif.entries, {last_good, options.our_provider}));
  return SignedDirectory{std::move(ldif), std::move(providers), opened.signed_at};
}

// Steps 1 to 3: the directory in a signed file. Errors don't name the file. `ours`: the directory
// in use; nullptr: none.
Result<SignedDirectory> judge_directory(std::string_view signed_file, const config::Config& config,
                                        Instant now, const ProvidersDirectory* ours) {
  auto read = read_signed(signed_file, config.directory, now, ours);
  if (!read) return read;
  const auto is_ours = [&](const std::string& name) {
    return text::equals_ignoring_case(name, config.provider.name);
  };
  for (const auto& flaw : read->providers->flaws())
    if (flaw.keeps_entry_out() && is_ours(flaw.provider)) return bad_input(flaw.what);
  for (const auto& provider : read->providers->providers())
    if (is_ours(provider.name)) PEC_TRY_VOID(check_our_certificates(provider));
  return read;
}

// Our copy, which the fetched one is compared with.
struct Ours {
  Providers providers;               // nullptr if there was nothing in place
  std::optional<Instant> signed_at;  // nothing: unknown
};

// The file that is in place; nothing if there is none, as before the first run. It is judged for
// the time when it was put there, because its signer's certificate may have ended since.
Result<Ours> read_ours(const std::filesystem::path& file,
                       const directory::DirectoryOptions& options) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0 && errno == ENOENT) return Ours{};
  PEC_TRY(const auto content, read_file(file));
  PEC_TRY(auto ours,
          read_signed(content, options, Instant(std::chrono::seconds(info.st_mtim.tv_sec))));
  return Ours{std::move(ours.providers), ours.signed_at};
}

Result<void> check_age(const std::optional<Instant>& ours, const std::optional<Instant>& fresh) {
  if (!ours || !fresh || *fresh >= *ours) return {};
  return bad_input(
      fmt::format("it was signed on {}, and ours, which is in place, on {}: it is an old one; "
                  "if it is right all the same, run this with --force, and then restart "
                  "pec-milter",
                  smime::utc_text(*fresh), smime::utc_text(*ours)));
}

Result<void> check_shrink(const ProvidersDirectory& ours, const ProvidersDirectory& fresh,
                          std::uint64_t max_percent) {
  const auto loss = domains_lost(ours, fresh);
  if (!loss.exceeds(max_percent)) return {};
  return bad_input(
      fmt::format("{} of our {} domains are gone from it, and directory.max_shrink_percent "
                  "lets {}% go at once: if that is right, run this with --force, and then "
                  "restart pec-milter",
                  loss.gone, loss.all, max_percent));
}

// Skips a certificate that can't be read; pec-milter complains about it.
std::vector<directory::OurEntry> our_entries(const config::Config& config) {
  std::vector<directory::OurEntry> all;
  for (const auto& us : config.identities()) {
    const auto certificates = smime::certificates_from_pem_file(us.certificate_file);
    all.push_back({us.name, us.unit, us.domain, us.certificate_file,
                   certificates ? smime::to_der(*certificates->front()) : std::string()});
  }
  return all;
}

// The fetched directory, on its way into place.
struct Fetched {
  const config::Config& config;
  std::string_view signed_file;
  const SignedDirectory& directory;
  bool force;

  Result<void> compare_with(const Result<Ours>& ours) const;  // step 4
};

tl::unexpected<Error> wrong_at(const config::Config& config, std::string_view what) {
  return bad_input(fmt::format("{}: {}", text::printable(config.directory_sync.url), what));
}

Result<void> Fetched::compare_with(const Result<Ours>& ours) const {
  if (force) return {};
  if (!ours)
    return wrong_at(
        config,
        fmt::format("what is in place can't be compared with it ({}): see that it is right, "
                    "and run this with --force",
                    ours.error().detail));
  if (ours->providers == nullptr) return {};
  for (const auto& fits :
       {check_age(ours->signed_at, directory.signed_at),
        check_shrink(*ours->providers, *directory.providers, config.directory.max_shrink_percent)})
    if (!fits) return wrong_at(config, fits.error().detail);
  const auto us = our_entries(config);
  if (!directory::check_our_entries(us, *ours->providers)) return {};
  if (const auto still = directory::check_our_entries(us, *directory.providers); !still)
    return wrong_at(config, still.error().detail +
                                "; it was right in what is in place: pec-milter would not take "
                                "this one (--force puts it in place all the same)");
  return {};
}

Result<void> put_in_place(std::vector<Replacement>& files) {
  for (auto& file : files) PEC_TRY_VOID(file.put_in_place());
  return {};
}

// Returns what was done, in words; empty for a file.
Result<std::string> into_file(const Fetched& fetched, const std::filesystem::path& target) {
  PEC_TRY(auto files,
          prepare_tls_policy(*fetched.directory.providers, fetched.config.directory_sync));
  PEC_TRY(auto file, Replacement::write(target, fetched.signed_file));
  files.push_back(std::move(file));
  PEC_TRY_VOID(put_in_place(files));
  return "";
}

Result<std::string> into_server(const Fetched& fetched, LdapCopy& copy) {
  PEC_TRY(auto files,
          prepare_tls_policy(*fetched.directory.providers, fetched.config.directory_sync));
  const auto& [ldif, providers, signed_at] = fetched.directory;
  PEC_TRY(const auto changes, copy.become(ldif.entries, providers->flaws(), signed_at));
  if (auto done = put_in_place(files); !done)
    return unavailable(
        fmt::format("the server is up to date ({}), but not the table: {}; run this again", changes,
                    done.error().detail));
  return "; " + changes;
}

// One line about what was done, and the problems of others' entries.
Answer answer_of(const Fetched& fetched, const std::string& done) {
  const auto& providers = *fetched.directory.providers;
  const auto url = text::printable(fetched.config.directory_sync.url);
  Answer answer{{fmt::format("{}: {} entries, {} domains{}", url, providers.providers().size(),
                             providers.domain_count(), done)}};
  for (const auto& flaw : providers.flaws())
    answer.problems.push_back(fmt::format("{}: {}", url, flaw.text()));
  return answer;
}

// The server that the options name, with our certificate. Error: bad_input, if an option is
// missing.
Result<HttpFetcher> open_index(const config::Config::DirectorySync& options) {
  if (options.url.empty())
    return bad_input("directory_sync.url doesn't say where to fetch the directory from");
  if (options.ca_file.empty())
    return bad_input("directory_sync.ca_file doesn't say whose certificate that server must have");
  if (options.certificate_file.empty() != options.key_file.empty())
    return bad_input(
        "directory_sync.certificate_file and directory_sync.key_file go together: set both, or "
        "neither");
  if (!options.key_file.empty()) PEC_TRY_VOID(read_file(options.key_file));
  return HttpFetcher({.scheme = "https",
                      .ca_file = options.ca_file,
                      .certificate_file = options.certificate_file,
                      .key_file = options.key_file,
                      .max_size = options.max_size,
                      .time_limit = std::chrono::seconds(options.max_seconds)});
}

// `force`: skips step 4.
Result<Answer> sync_directory(const Context& context, bool force) {
  PEC_TRY(const auto config,
          context.load_config({config::FileUse::trust, config::FileUse::fetching}));
  PEC_TRY_VOID(context.become_service_user(config));
  PEC_TRY(auto index, open_index(config.directory_sync));
  const auto now = context.now();
  if (config.directory.signer_ca_file.empty())
    return bad_input(
        "directory.signer_ca_file doesn't say who must sign the directory: an unsigned one is not "
        "put in place");
  PEC_TRY(const auto signed_file, index.fetch(config.directory_sync.url));

  const auto file = directory::ldif_file_of(config.directory.source);
  std::optional<LdapCopy> copy;
  if (!file) {
    PEC_TRY(auto server, LdapCopy::read(config.directory));
    copy = std::move(server);
  }
  const auto ours =
      file ? read_ours(*file, config.directory) : copy->providers().map([&](Providers providers) {
        return Ours{std::move(providers), copy->signed_at()};
      });
  const auto judged =
      judge_directory(signed_file, config, now, ours ? ours->providers.get() : nullptr);
  if (!judged) return wrong_at(config, judged.error().detail);

  const Fetched fetched{config, signed_file, *judged, force};
  PEC_TRY_VOID(fetched.compare_with(ours));
  PEC_TRY(const auto done, file ? into_file(fetched, *file) : into_server(fetched, *copy));
  return answer_of(fetched, done);
}

}  // namespace

void add_directory_sync(CLI::App& group, Command& chosen) {
  const auto force = std::make_shared<bool>(false);
  auto& command = add_command(
      group, chosen, "sync", "Fetch it, and put it in place if all of it is right; for a timer",
      [force](const Context& context) { return sync_directory(context, *force); });
  command.add_flag("--force", *force,
                   "However many domains are gone from it, and however old it is");
  command.footer(
      "Exit status: 0 if it is in place; 1 if not, and then nothing was changed, or if it is in "
      "place and an entry of another provider is flawed.");
}

}  // namespace pec::pecctl

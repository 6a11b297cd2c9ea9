// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/trial.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "directory/certificate_profile.hpp"
#include "pec/trial_text.hpp"
#include "pecctl/directory_record.hpp"
#include "pecctl/setup/trial_openssl.hpp"
#include "pecctl/setup/workshop.hpp"
#include "smime/certificate.hpp"

#include <fmt/format.h>
#include <functional>
#include <utility>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;
using config::Config;

constexpr const char* database_file = "trial.ndb";
// ClamAV's form: name, any kind of file, anywhere in it, the test string that all scanners agree
// on.
constexpr std::string_view database =
    "Eicar-Test-Signature:0:*:"
    "58354f2150254041505b345c505a58353428505e2937434329377d24454943"
    "41522d5354414e444152442d414e544956495255532d544553542d46494c452124482b482a\n";

std::string signing_address(const Config::Provider& us) {
  return "posta-certificata@" + text::lower(us.domain);
}

// Makes the files of one trial, in the order in which they need each other.
class Maker {
public:
  Maker(const Config& config, const Facts& facts, Workshop& workshop)
      : config_(config),
        facts_(facts),
        workshop_(workshop),
        authority_(workshop.folder() / "authority.pem"),
        authority_key_(workshop.folder() / "authority.key"),
        issuer_{authority_, authority_key_} {}

  Result<void> make_all() {
    PEC_TRY_VOID(make_pair(authority_key_, authority_, KeyKind::ec, {},
                           authority_certificate(config_.provider.domain)));
    PEC_TRY_VOID(make(config_.trust.crl_file, for_everybody,
                      [&](const fs::path& into) { return make_revocation_list(issuer_, into); }));
    for (const auto& us : config_.identities())
      PEC_TRY_VOID(make_pair(us.key_file, us.certificate_file, KeyKind::rsa, config_.site.user,
                             signing_certificate(us.name, us.unit, signing_address(us))));
    PEC_TRY_VOID(make_pair(config_.site.tls_key_file, config_.site.tls_certificate_file,
                           KeyKind::ec, {}, tls_certificate(config_.site.host_name, addresses())));
    PEC_TRY_VOID(make_directory());
    PEC_TRY_VOID(make_text(config_.provider.text_file, text_of_trial));
    return make_database();
  }

  // What is there may be of another site, or its time is over.
  Result<void> check() const {
    for (const auto& us : config_.identities()) {
      if (!workshop_.has(us.certificate_file)) continue;
      PEC_TRY_VOID(verified(us.certificate_file, {"-verify_email", signing_address(us)}));
      PEC_TRY(const auto chain, smime::certificates_from_pem_file(us.certificate_file));
      if (const auto flaw = directory::profile_flaw(*chain.front(), us.name); !flaw.empty())
        return not_of_this_site(us.certificate_file, flaw);
    }
    const auto& tls = config_.site.tls_certificate_file;
    if (!workshop_.has(tls)) return {};
    return verified(tls, {"-verify_hostname", config_.site.host_name});
  }

  Result<Instant> end() const {
    PEC_TRY(const auto chain, smime::certificates_from_pem_file(authority_));
    PEC_TRY(const auto dates, smime::validity(*chain.front()));
    return dates.not_after;
  }

  std::vector<std::string>& lines() { return lines_; }

private:
  using Make = std::function<Result<void>(const fs::path& into)>;

  std::vector<std::string> addresses() const {
    return config_.site.addresses.empty() ? facts_.addresses : config_.site.addresses;
  }

  // Nothing, if the file is not one of this folder.
  Result<void> make(const fs::path& file, const FileKind& kind, const Make& how) {
    if (!workshop_.has(file)) return {};
    PEC_TRY(const bool made, workshop_.make(file, kind, how));
    lines_.push_back(fmt::format("{}: {}", file.string(), made ? "made" : "as it was"));
    return {};
  }

  // A certificate and its key. A certificate that is there needs the key that it was made with.
  Result<void> make_pair(const fs::path& key, const fs::path& certificate, KeyKind kind,
                         const std::string& owner, const CertificateProfile& profile) {
    if (workshop_.is_there(certificate) && workshop_.has(key) && !workshop_.is_there(key))
      return not_of_this_site(certificate, "its key is not there");
    PEC_TRY_VOID(make(key, {.mode = 0400, .owner = owner},
                      [&](const fs::path& into) { return make_key(kind, into); }));
    return make(certificate, for_everybody, [&](const fs::path& into) {
      return make_certificate(profile, key, certificate == authority_ ? nullptr : &issuer_, into);
    });
  }

  Result<void> make_text(const fs::path& file, std::string_view content) {
    return make(file, for_everybody,
                [&](const fs::path& into) { return write_text(into, content); });
  }

  Result<void> make_directory() {
    constexpr std::string_view scheme = "ldif:";
    const auto& source = config_.directory.source;
    if (!source.starts_with(scheme)) return {};
    return make(source.substr(scheme.size()), for_everybody,
                [&](const fs::path& into) -> Result<void> {
                  PEC_TRY(const auto record, directory_record(config_, {}));
                  return write_text(into, record);
                });
  }

  Result<void> make_database() {
    const auto& folder = config_.antivirus.database_dir;
    if (!workshop_.has(folder)) return {};
    PEC_TRY_VOID(make_folder(folder));
    return make_text(folder / database_file, database);
  }

  Result<void> verified(const fs::path& certificate, std::vector<std::string> more) const {
    const auto& lists = config_.trust.crl_file;
    if (workshop_.has(lists)) more.insert(more.end(), {"-crl_check", "-CRLfile", lists.string()});
    PEC_TRY(const auto flaw, flaw_of_certificate(certificate, authority_, more));
    return flaw.empty() ? Result<void>() : not_of_this_site(certificate, flaw);
  }

  tl::unexpected<Error> not_of_this_site(const fs::path& file, std::string_view why) const {
    return bad_input(fmt::format(
        "{}: {}: this trial is over, or of another site; remove {} and run this again, or name "
        "files of your own",
        file.string(), why, workshop_.folder().string()));
  }

  const Config& config_;
  const Facts& facts_;
  Workshop& workshop_;
  const fs::path authority_, authority_key_;
  const Issuer issuer_;
  std::vector<std::string> lines_;
};

}  // namespace

std::map<std::string, std::string> trial_options(const fs::path& folder, const Facts& facts) {
  std::map<std::string, std::string> options{
      {"provider.certificate_file", (folder / "provider.pem").string()},
      {"provider.key_file", (folder / "provider.key").string()},
      {"provider.text_file", (folder / "text.txt").string()},
      {"trust.ca_file", (folder / "authority.pem").string()},
      {"site.tls_ca_file", (folder / "authority.pem").string()},
      {"trust.crl_file", (folder / "authority.crl").string()},
      {"directory.source", "ldif:" + (folder / "directory.ldif").string()},
      {"directory.max_age_hours", "0"},
      {"site.tls_certificate_file", (folder / "tls.pem").string()},
      {"site.tls_key_file", (folder / "tls.key").string()},
  };
  if (facts.has_virus_database) return options;
  options.emplace("antivirus.database_dir", (folder / "clamav").string());
  options.emplace("antivirus.max_database_age_hours", "0");
  return options;
}

bool is_trial(const Config& config) {
  return config.provider.certificate_file.parent_path() == trial_folder;
}

Result<Trial> make_trial(const Config& config, const Facts& facts, const fs::path& folder) {
  PEC_TRY(auto workshop, Workshop::open(folder));
  Maker maker(config, facts, workshop);
  PEC_TRY_VOID(maker.make_all());
  PEC_TRY_VOID(maker.check());
  PEC_TRY(const auto end, maker.end());
  return Trial{std::move(maker.lines()), end};
}

}  // namespace pec::pecctl

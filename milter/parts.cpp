// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/parts.hpp"

#include "antivirus/virus_store.hpp"
#include "base/file.hpp"
#include "config/file_checks.hpp"
#include "directory/our_entry.hpp"
#include "milter/own_texts.hpp"
#include "service/dovecot_quota.hpp"
#include "service/postfix_aliases.hpp"
#include "service/scanner_in_use.hpp"
#include "smime/hmac.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <utility>

namespace pec::milter {

namespace {

// Keeps the parts that could be built and notes each problem, so that --check names all problems at
// once.
class Builder {
public:
  explicit Builder(std::vector<std::string>& problems) : problems_(problems) {}

  // Null if the pointer could not be made.
  template <class T>
  T keep(Result<T> result) {
    if (result) return std::move(*result);
    problems_.push_back(result.error().detail);
    return {};
  }
  void expect(const Result<void>& done) {
    if (!done) problems_.push_back(done.error().detail);
  }

private:
  std::vector<std::string>& problems_;
};

Result<void> check_address(const LoadedIdentity& us) {
  const auto expected = "posta-certificata@" + us.options->domain;
  if (us.signer->address() == expected) return {};
  return bad_input(
      fmt::format("{}: the certificate is for {}, but messages come from {}: correct {}.domain, "
                  "or get a certificate with that subjectAltName",
                  us.options->certificate_file.string(), us.signer->address(), expected,
                  us.options->unit.empty() ? "provider" : "unit"));
}

std::vector<directory::OurEntry> our_entries(const std::vector<LoadedIdentity>& identities) {
  std::vector<directory::OurEntry> all;
  for (const auto& us : identities)
    all.push_back({us.options->name, us.options->unit, us.options->domain,
                   us.options->certificate_file,
                   us.signer ? us.signer->certificate() : std::string()});
  return all;
}

// Otherwise only the first large message would show the problem.
Result<void> check_temp_dir(const std::filesystem::path& folder) {
  if (access(folder.c_str(), W_OK | X_OK) == 0) return {};
  return bad_input(
      fmt::format("{}: large messages can't be kept there ({}): make the folder, "
                  "let the service's user write to it, or correct milter.temp_dir",
                  folder.string(), errno_text(errno)));
}

std::unique_ptr<Authenticator> load_secret(const std::filesystem::path& file, Builder& builder) {
  using Secret = smime::HmacAuthenticator;
  return builder.keep(Secret::from_file(file).map(
      [](const Secret& secret) { return std::make_unique<Secret>(secret); }));
}

LoadedIdentity load_identity(const config::Config::Provider& options,
                             const config::Config::Trust& trust, Builder& builder) {
  return {&options,
          builder.keep(smime::CmsSigner::load(options.certificate_file, options.key_file,
                                              std::chrono::hours(trust.stop_signing_hours))),
          builder.keep(
              read_own_texts({options.text_file, options.text_dir, options.second_language_dir}))};
}

std::unique_ptr<Aliases> load_aliases(const config::Config& config, Builder& builder) {
  if (config.aliases.tables.empty()) return nullptr;
  auto aliases = std::make_unique<service::PostfixAliases>(service::PostfixAliasOptions{
      config.aliases.tables, config.provider.domain, config.aliases.postmap.string(),
      config.aliases.postfix_config.string()});
  builder.expect(aliases->check());
  return aliases;
}

Identities identities_of(std::vector<LoadedIdentity> loaded) {
  std::vector<SigningIdentity> all;
  for (auto& [options, signer, texts] : loaded) {
    Identity identity{options->name, options->domain, signer->address(),
                      std::make_shared<const OwnTexts>(std::move(texts)), options->receipts_refer};
    all.push_back({std::move(identity), options->unit, std::move(signer)});
  }
  return Identities(std::move(all));
}

std::unique_ptr<Rooms> make_rooms(const config::Config& config, const Aliases* aliases,
                                  const Clock& clock) {
  const auto& socket = config.quota.dovecot_socket;
  if (socket.empty()) return nullptr;
  return std::make_unique<Rooms>(
      std::make_unique<service::DovecotQuotas>(socket, std::chrono::seconds(2)), aliases, clock);
}

std::unique_ptr<Scanner> make_scanner(const config::Config& config) {
  auto scanner = service::scanner_in_use(config.antivirus, config.milter.temp_dir);
  if (!scanner) spdlog::warn("virus scanner: none, by antivirus.engine; nothing is scanned");
  return scanner;
}

}  // namespace

std::vector<const smime::CmsSigner*> Parts::signers() const {
  std::vector<const smime::CmsSigner*> all;
  for (const auto& us : identities) all.push_back(us.signer.get());
  return all;
}

Parts load_parts(const config::Config& config, const std::string& config_file, bool check_only,
                 const Clock& clock, std::vector<std::string>& problems) {
  problems = config::unsafe_files(config, config_file, config::all_file_uses());
  Builder builder(problems);
  Parts parts{LegalTime(config.provider.time_zone)};
  // As root, opening could create a database that the service's own user can't write.
  if (!check_only || geteuid() != 0)
    parts.ledger = builder.keep(ledger::SqlLedger::open(config.ledger.connection));
  parts.identities.push_back(load_identity(config.provider, config.trust, builder));
  for (const auto& unit : config.units)
    parts.identities.push_back(load_identity(unit, config.trust, builder));
  parts.verifier =
      builder.keep(smime::CmsVerifier::load(config.trust.ca_file, config.trust.crl_file,
                                            std::chrono::hours(config.trust.crl_grace_hours)));
  parts.directory = builder.keep(directory::DirectoryKeeper::open(
      config.directory, clock,
      [us = our_entries(parts.identities)](const directory::ProvidersDirectory& fresh) {
        return directory::check_ours(us, fresh);
      },
      check_only ? nullptr : parts.ledger.get()));
  parts.host_group = load_secret(config.internal.secret_file, builder);
  parts.delivery_point = load_secret(config.internal.delivery_secret_file, builder);
  if (config.antivirus.engine != config::AntivirusEngine::none)
    parts.virus_store = builder.keep(antivirus::FolderVirusStore::open(
        config.antivirus.store_dir, config.antivirus.min_free_space));
  parts.aliases = load_aliases(config, builder);
  for (const auto& us : parts.identities) {
    if (!us.signer) continue;
    builder.expect(check_address(us));
    builder.expect(us.signer->check_validity(clock.now()));
  }
  builder.expect(check_temp_dir(config.milter.temp_dir));
  return parts;
}

Services services_of(Parts parts, const config::Config& config, const Clock& clock) {
  auto rooms = make_rooms(config, parts.aliases.get(), clock);
  return {
      identities_of(std::move(parts.identities)),
      parts.legal_time,
      config.limits,
      config.antivirus.unscanned,
      config.spam.filter,
      config.sending_limits(),
      config.milter.temp_dir,
      std::make_unique<SystemClock>(),
      std::make_unique<RandomIdSource>(),
      std::move(parts.directory),
      std::move(parts.verifier),
      parts.ledger,
      parts.ledger,
      parts.ledger,
      make_scanner(config),
      std::move(parts.virus_store),
      std::move(parts.host_group),
      std::move(parts.delivery_point),
      std::make_unique<Tally>(clock),
      std::move(parts.aliases),
      std::move(rooms),
  };
}

}  // namespace pec::milter

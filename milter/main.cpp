// SPDX-License-Identifier: GPL-2.0-or-later

// pec-milter: reads the configuration, builds what stands behind the interfaces, serves. Nothing
// else happens here, and these adapters are constructed nowhere else.

#include "admission.hpp"
#include "antivirus/clamd_client.hpp"
#include "antivirus/scanner_client.hpp"
#include "antivirus/virus_store.hpp"
#include "base/file.hpp"
#include "base/repeating.hpp"
#include "base/text.hpp"
#include "config/file_checks.hpp"
#include "directory/directory_keeper.hpp"
#include "directory/directory_refresher.hpp"
#include "directory/our_entry.hpp"
#include "handling.hpp"
#include "ledger/sql_ledger.hpp"
#include "libmilter_shim.hpp"
#include "load.hpp"
#include "mime/encoded_word.hpp"
#include "own_texts.hpp"
#include "scanner_watch.hpp"
#include "service/dovecot_quota.hpp"
#include "service/log.hpp"
#include "service/open_files.hpp"
#include "service/postfix_aliases.hpp"
#include "service/state_report.hpp"
#include "services.hpp"
#include "smime/cms_signer.hpp"
#include "smime/cms_verifier.hpp"
#include "smime/hmac.hpp"
#include "smime/signing_watch.hpp"
#include "smime/trust_refresher.hpp"
#include "store_watch.hpp"

#include <CLI/CLI.hpp>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace pec;

// Keeps what could be built and notes what could not, so that --check names every problem at once.
class Builder {
public:
  template <class T>
  std::optional<T> keep(Result<T> result) {
    if (result) return std::move(*result);
    problems_.push_back(result.error().detail);
    return std::nullopt;
  }
  void expect(bool holds, std::string problem) {
    if (!holds) problems_.push_back(std::move(problem));
  }
  const std::vector<std::string>& problems() const { return problems_; }

private:
  std::vector<std::string> problems_;
};

// One of us, as far as it could be loaded.
struct LoadedIdentity {
  const Config::Provider* options;
  std::string section() const { return options->unit.empty() ? "provider" : "unit"; }
  std::unique_ptr<smime::CmsSigner> signer;
  OwnTexts texts;
};

struct Parts {
  std::vector<LoadedIdentity> identities;  // the provider's main entry, then its units
  std::unique_ptr<smime::CmsVerifier> verifier;
  std::unique_ptr<directory::DirectoryKeeper> directory;
  std::optional<smime::HmacAuthenticator> host_group, delivery_point;
  std::unique_ptr<antivirus::FolderVirusStore> virus_store;  // none: nothing is scanned
  std::unique_ptr<PostfixAliases> aliases;                   // none: nobody says where they lead
};

void check_certificate(const LoadedIdentity& us, Instant now, Builder& builder) {
  const auto expected = "posta-certificata@" + us.options->domain;
  builder.expect(
      us.signer->address() == expected,
      fmt::format("{}: the certificate is for {}, but messages come from {}: correct {}.domain, "
                  "or get a certificate with that subjectAltName",
                  us.options->certificate_file.string(), us.signer->address(), expected,
                  us.section()));
  if (auto valid = us.signer->check_validity(now); !valid)
    builder.expect(false, valid.error().detail);
}

std::vector<directory::OurEntry> our_entries(const std::vector<LoadedIdentity>& identities) {
  std::vector<directory::OurEntry> all;
  for (const auto& us : identities)
    all.push_back({us.options->name, us.options->unit, us.options->domain,
                   us.options->certificate_file,
                   us.signer ? us.signer->certificate() : std::string()});
  return all;
}

// Else it would show with the first large message only.
void check_temp_dir(const std::filesystem::path& folder, Builder& builder) {
  if (access(folder.c_str(), W_OK | X_OK) == 0) return;
  builder.expect(false,
                 fmt::format("{}: large messages can't be kept there ({}): make the folder, "
                             "let the service's user write to it, or correct milter.temp_dir",
                             folder.string(), errno_text(errno)));
}

UnscannedPolicy policy_of(const Config::Antivirus& antivirus) {
  const auto passes = [](Unscanned policy) { return policy == Unscanned::pass; };
  return {passes(antivirus.no_engine), passes(antivirus.old_database), passes(antivirus.scan_error),
          passes(antivirus.scan_timeout)};
}

LoadedIdentity load_identity(const Config::Provider& options, const Config::Trust& trust,
                             Builder& builder) {
  return {&options,
          builder
              .keep(smime::CmsSigner::load(options.certificate_file, options.key_file,
                                           std::chrono::hours(trust.stop_signing_hours)))
              .value_or(nullptr),
          builder
              .keep(milter::read_own_texts(
                  {options.text_file, options.text_dir, options.second_language_dir}))
              .value_or(OwnTexts())};
}

std::vector<const smime::CmsSigner*> signers_of(const std::vector<LoadedIdentity>& loaded) {
  std::vector<const smime::CmsSigner*> all;
  for (const auto& us : loaded) all.push_back(us.signer.get());
  return all;
}

milter::Identities identities_of(std::vector<LoadedIdentity> loaded) {
  std::vector<milter::SigningIdentity> all;
  for (auto& [options, signer, texts] : loaded) {
    Identity identity{options->name, options->domain, signer->address(),
                      std::make_shared<const OwnTexts>(std::move(texts)), options->receipts_refer};
    all.push_back({std::move(identity), options->unit, std::move(signer)});
  }
  return milter::Identities(std::move(all));
}

std::unique_ptr<PostfixAliases> load_aliases(const Config& config, Builder& builder) {
  if (config.aliases.tables.empty()) return nullptr;
  auto aliases = std::make_unique<PostfixAliases>(
      PostfixAliasOptions{config.aliases.tables, config.provider.domain,
                          config.aliases.postmap.string(), config.aliases.postfix_config.string()});
  if (auto good = aliases->check(); !good) builder.expect(false, good.error().detail);
  return aliases;
}

std::unique_ptr<milter::Rooms> make_rooms(const Config& config, const Aliases* aliases,
                                          const Clock& clock) {
  const auto& socket = config.quota.dovecot_socket;
  if (socket.empty()) return nullptr;
  return std::make_unique<milter::Rooms>(
      std::make_unique<DovecotQuotas>(socket, std::chrono::seconds(2)), aliases, clock);
}

// `history`: none for a mere check, which is to leave no trace.
Parts load_parts(const Config& config, const Clock& clock, directory::DomainHistory* history,
                 Builder& builder) {
  Parts parts;
  parts.identities.push_back(load_identity(config.provider, config.trust, builder));
  for (const auto& unit : config.units)
    parts.identities.push_back(load_identity(unit, config.trust, builder));
  parts.verifier =
      builder
          .keep(smime::CmsVerifier::load(config.trust.ca_file, config.trust.crl_file,
                                         std::chrono::hours(config.trust.crl_grace_hours)))
          .value_or(nullptr);
  parts.directory =
      builder
          .keep(directory::DirectoryKeeper::open(
              config.directory, clock,
              [us = our_entries(parts.identities)](const directory::ProvidersDirectory& fresh) {
                return directory::check_ours(us, fresh);
              },
              history))
          .value_or(nullptr);
  parts.host_group = builder.keep(smime::HmacAuthenticator::from_file(config.internal.secret_file));
  parts.delivery_point =
      builder.keep(smime::HmacAuthenticator::from_file(config.internal.delivery_secret_file));
  if (config.antivirus.engine != AntivirusEngine::none)
    parts.virus_store = builder
                            .keep(antivirus::FolderVirusStore::open(
                                config.antivirus.store_dir, config.antivirus.min_free_space))
                            .value_or(nullptr);
  parts.aliases = load_aliases(config, builder);
  for (const auto& us : parts.identities)
    if (us.signer) check_certificate(us, clock.now(), builder);
  return parts;
}

sigset_t signal_set(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

// Before any thread starts: these signals are for the threads that wait for them (libmilter's own,
// and ReloadOnSignal), and would end the process if another thread got them.
void block_signals() {
  const auto set = signal_set({SIGUSR1, SIGTERM, SIGINT, SIGHUP});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// SIGUSR1 reloads the directory, the authorities and their revocation lists (libmilter takes SIGHUP
// as "stop"); a thread waits for it.
class ReloadOnSignal {
public:
  ReloadOnSignal(directory::DirectoryRefresher& directory, smime::TrustRefresher& trust)
      : thread_([this, &directory, &trust] { run(directory, trust); }) {}
  ReloadOnSignal(const ReloadOnSignal&) = delete;
  ReloadOnSignal& operator=(const ReloadOnSignal&) = delete;
  ~ReloadOnSignal() {
    stop_ = true;
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }

private:
  void run(directory::DirectoryRefresher& directory, smime::TrustRefresher& trust) {
    const auto set = signal_set({SIGUSR1});
    for (int received = 0; sigwait(&set, &received) == 0 && !stop_;) {
      tell("the directory", directory.refresh());
      tell("the trust in signatures", trust.refresh());
    }
  }

  static void tell(std::string_view what, const Result<bool>& reloaded) {
    if (!reloaded)
      spdlog::error("{} stays as it was: {}", what, reloaded.error().detail);
    else
      spdlog::info("{} {}", what, *reloaded ? "was read anew" : "has not changed");
  }

  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

std::unique_ptr<Scanner> make_scanner(const Config::Antivirus& options,
                                      const std::filesystem::path& temp_dir) {
  switch (options.engine) {
    case AntivirusEngine::none:
      spdlog::warn("virus scanner: none, by antivirus.engine; nothing is scanned");
      return nullptr;
    case AntivirusEngine::clamd: {
      antivirus::ClamdOptions clamd;
      clamd.address = options.clamd;
      clamd.max_database_age = std::chrono::hours(options.max_database_age_hours);
      clamd.max_scan_time = std::chrono::seconds(options.max_scan_seconds);
      return std::make_unique<antivirus::ClamdClient>(clamd);
    }
    case AntivirusEngine::scanner: {
      antivirus::ScannerClientOptions scanner;
      scanner.socket = options.scanner_socket.string();
      scanner.temp_dir = temp_dir;
      scanner.max_scan_time = std::chrono::seconds(options.max_scan_seconds);
      return std::make_unique<antivirus::ScannerClient>(scanner);
    }
  }
  throw std::logic_error("virus scanner of no kind");
}

// None: nothing is scanned.
std::unique_ptr<milter::StoreWatch> watch_store(const VirusStore* store, StateReport report) {
  return store ? std::make_unique<milter::StoreWatch>(*store, std::move(report)) : nullptr;
}

int complain(const std::vector<std::string>& problems) {
  for (const auto& problem : problems) fmt::print(stderr, "pec-milter: {}\n", problem);
  return 1;
}

int run(const Config& config, const std::string& config_file, bool check_only) {
  block_signals();
  Builder builder;
  for (const auto& problem : unsafe_files(config, config_file, all_file_uses()))
    builder.expect(false, problem);
  const SystemClock clock;
  // As root, opening would make a database that the service's own user can't write.
  const bool skip_ledger = check_only && geteuid() == 0;
  std::shared_ptr<SqlLedger> ledger;
  if (!skip_ledger)
    ledger = builder.keep(SqlLedger::open(config.ledger.connection)).value_or(nullptr);
  auto parts = load_parts(config, clock, check_only ? nullptr : ledger.get(), builder);
  check_temp_dir(config.milter.temp_dir, builder);
  LegalTime legal_time(config.provider.time_zone);
  if (!builder.problems().empty()) return complain(builder.problems());
  const auto few = milter::too_few_files(raise_open_files(std::numeric_limits<std::size_t>::max()));
  if (check_only) {
    if (!few.empty()) fmt::print("pec-milter: as it is started here, {}\n", few);
    fmt::print("pec-milter: the configuration is good{}\n",
               skip_ledger ? "; the ledger was not tried: run this as the service's user" : "");
    return 0;
  }

  start_log("pec-milter", config.log);
  if (!few.empty()) spdlog::warn("{}", few);

  auto& directory = *parts.directory;
  auto& verifier = *parts.verifier;
  const auto signers = signers_of(parts.identities);
  auto rooms = make_rooms(config, parts.aliases.get(), clock);
  const milter::Services services{
      identities_of(std::move(parts.identities)),
      legal_time,
      config.limits,
      policy_of(config.antivirus),
      config.spam.filter,
      config.sending_limits(),
      config.milter.temp_dir,
      std::make_unique<SystemClock>(),
      std::make_unique<RandomIdSource>(),
      std::move(parts.directory),
      std::move(parts.verifier),
      ledger,
      ledger,
      ledger,
      make_scanner(config.antivirus, config.milter.temp_dir),
      std::move(parts.virus_store),
      std::make_unique<smime::HmacAuthenticator>(*parts.host_group),
      std::make_unique<smime::HmacAuthenticator>(*parts.delivery_point),
      std::make_unique<milter::Tally>(clock),
      std::move(parts.aliases),
      std::move(rooms),
  };
  const auto report = [&](const char* component, const char* in_log) {
    return StateReport(*ledger, clock, host_name(), component, log_as(in_log));
  };
  directory::DirectoryRefresher refresher(directory,
                                          std::chrono::seconds(config.directory.refresh_seconds),
                                          report("directory", "directory"));
  smime::TrustRefresher trust(verifier, clock, std::chrono::minutes(1),
                              report("revocation", "revocation lists"));
  const smime::SigningWatch signing(
      signers, clock, std::chrono::days(config.directory_check.expiry_days),
      std::chrono::minutes(1), report("signing", "signing certificate"));
  const ReloadOnSignal reload(refresher, trust);
  const milter::ScannerWatch watch(services.scanner.get(), *ledger, clock, host_name(),
                                   log_as("virus scanner"));
  const auto store_watch =
      watch_store(services.virus_store.get(), report("virus-store", "virus store"));
  const auto store_counts = [&] {
    if (const auto stored = services.tally->store(*ledger, host_name()); !stored)
      spdlog::warn("counts wait for the ledger: {}", stored.error().detail);
  };
  const auto tell_gathered = [&](milter::Tally::When when) {
    for (const auto& line : services.tally->gathered(when)) spdlog::warn("{}", line);
  };
  auto counting = repeating(std::chrono::minutes(1), [&] {
    tell_gathered(milter::Tally::When::is_over);
    store_counts();
  });
  spdlog::info("started for {} on {}", config.provider.domain, config.milter.socket);
  milter::serve({config.milter.socket, config.milter.temp_dir},
                {[&](milter::Transaction& transaction, const std::string& recipient) {
                   return milter::admit(transaction, recipient, services);
                 },
                 [&](const milter::Transaction& transaction, milter::QueueFile& queue_file) {
                   return milter::handle(transaction, services, queue_file);
                 },
                 services.tally.get()});
  counting = {};
  tell_gathered(milter::Tally::When::now);
  store_counts();
  spdlog::info("stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The certified-mail milter for Postfix");
  std::string config_file = "/etc/pec/pec.toml";
  bool check_only = false;
  app.add_option("--config", config_file, "Configuration file (TOML)")->capture_default_str();
  app.add_flag("--check", check_only, "Say what is wrong with the configuration, and exit");
  CLI11_PARSE(app, argc, argv);

  try {
    const auto config = load_config(config_file);
    if (!config) return complain({config.error().detail});
    return run(*config, config_file, check_only);
  } catch (const std::exception& error) {
    return complain({fmt::format("{}: {}", config_file, error.what())});
  }
}

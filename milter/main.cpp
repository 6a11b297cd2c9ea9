// SPDX-License-Identifier: GPL-2.0-or-later

// pec-milter: reads the configuration, has its parts made, serves. It does nothing else.

#include "base/repeating.hpp"
#include "base/text.hpp"
#include "base/watch.hpp"
#include "milter/admission.hpp"
#include "milter/handling.hpp"
#include "milter/libmilter_shim.hpp"
#include "milter/load.hpp"
#include "milter/parts.hpp"
#include "milter/watches.hpp"
#include "service/daemon.hpp"
#include "service/daemon_answers.hpp"
#include "service/log.hpp"
#include "service/notify.hpp"
#include "service/open_files.hpp"
#include "service/state_report.hpp"

#include <atomic>
#include <csignal>
#include <limits>
#include <optional>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <thread>

namespace {

using namespace pec;

// SIGUSR1 reloads the directory, the authorities and their revocation lists. (libmilter takes
// SIGHUP as "stop".) A thread waits for SIGUSR1.
class ReloadOnSignal {
public:
  ReloadOnSignal(Watch& directory, Watch& trust)
      : thread_([this, &directory, &trust] { run(directory, trust); }) {}
  ReloadOnSignal(const ReloadOnSignal&) = delete;
  ReloadOnSignal& operator=(const ReloadOnSignal&) = delete;
  ~ReloadOnSignal() {
    stop_ = true;
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }

private:
  void run(Watch& directory, Watch& trust) {
    const auto set = service::block_signals({SIGUSR1});
    for (int received = 0; sigwait(&set, &received) == 0 && !stop_;) {
      tell("the directory", directory.look());
      tell("the trust in signatures", trust.look());
    }
  }

  static void tell(std::string_view what, const Result<bool>& reloaded) {
    if (!reloaded)
      spdlog::error("{} stays as it was: {}", what, reloaded.error().detail);
    else
      spdlog::info("{} {}", what, *reloaded ? "was reloaded" : "has not changed");
  }

  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Serves until SIGTERM or SIGINT.
void serve(const config::Config& config, milter::Parts parts, const Clock& clock,
           const milter::LoadLimits& limits) {
  auto& directory = *parts.directory;
  auto& verifier = *parts.verifier;
  const auto signers = parts.signers();
  const std::shared_ptr<NodeStates> states = parts.ledger;
  const auto services = services_of(std::move(parts), config, clock);
  const auto report = [&](std::string component, std::string part) {
    return service::StateReport(*states, clock, service::host_name(), std::move(component),
                                service::log_as(std::move(part)));
  };
  Watch directory_watch(
      std::chrono::seconds(config.directory.refresh_seconds), [&] { return directory.look(); },
      report("directory", "directory"));
  Watch trust_watch(
      std::chrono::minutes(1), [&] { return verifier.look(clock.now()); },
      report("revocation", "revocation lists"));
  const std::chrono::days alarm(config.directory_check.expiry_days);
  const Watch signing_watch(
      std::chrono::minutes(1),
      [&] { return Watch::Seen{signing_state(signers, clock.now(), alarm)}; },
      report("signing", "signing certificate"));
  const ReloadOnSignal reload_on_signal(directory_watch, trust_watch);
  const Watch scanner_watch(
      std::chrono::minutes(1),
      [&] { return Watch::Seen{milter::scanner_state(services.scanner.get())}; },
      report("antivirus", "virus scanner"));
  std::optional<Watch> store_watch;
  if (services.virus_store)
    store_watch.emplace(
        std::chrono::seconds(10),
        [&] { return Watch::Seen{milter::store_state(*services.virus_store)}; },
        report("virus-store", "virus store"));
  const auto tell_counts = [&](milter::Tally::When when) {
    for (const auto& line : services.tally->gathered(when)) spdlog::warn("{}", line);
    if (const auto stored = services.tally->store(*states, service::host_name()); !stored)
      spdlog::warn("counts wait for the ledger: {}", stored.error().detail);
  };
  auto counting =
      repeating(std::chrono::minutes(1), [&] { tell_counts(milter::Tally::When::is_over); });
  spdlog::info("started for {} on {}", config.provider.domain, config.milter.socket);
  std::optional<service::SelfWatch> self_watch;
  const auto negotiate = [&](const service::Patience& patience) {
    return service::ask_milter(config.milter.socket, patience);
  };
  milter::serve({config.milter.socket, config.milter.temp_dir, limits,
                 [&] { self_watch.emplace(negotiate); }},
                {[&](milter::Transaction& transaction, const std::string& recipient) {
                   return milter::admit(transaction, recipient, services);
                 },
                 [&](const milter::Transaction& transaction, milter::QueueFile& queue_file) {
                   return milter::handle(transaction, services, queue_file);
                 },
                 services.tally.get()});
  self_watch.reset();
  counting = {};
  tell_counts(milter::Tally::When::now);
  spdlog::info("stopped");
}

Result<void> run(const config::Config& config, const std::string& config_file, bool check_only) {
  service::block_signals({SIGUSR1, SIGTERM, SIGINT, SIGHUP});  // for libmilter and ReloadOnSignal
  const SystemClock clock;
  std::vector<std::string> problems;
  auto parts = milter::load_parts(config, config_file, check_only, clock, problems);
  if (!problems.empty()) return bad_input(text::join(problems, "\npec-milter: "));
  const auto files = service::raise_open_files(std::numeric_limits<std::size_t>::max());
  const auto few = milter::too_few_files(files);
  if (check_only) {
    if (!few.empty()) fmt::print("pec-milter: as it is started here, {}\n", few);
    fmt::print("pec-milter: the configuration is good{}\n",
               parts.ledger ? "" : "; the ledger was not tried: run this as the service's user");
    return {};
  }
  service::start_log("pec-milter", config.log);
  if (!few.empty()) spdlog::warn("{}", few);
  serve(config, std::move(parts), clock, milter::load_limits(files));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The certified-mail milter for Postfix", "pec-milter");
  app.footer(
      "Postfix asks it about each message, and it turns the message in Postfix's queue into a "
      "transport envelope or a receipt. SIGUSR1 has it read the directory, the authorities and "
      "their revocation lists again. SIGTERM ends it.");
  bool check_only = false;
  app.add_flag("--check", check_only, "Say what is wrong with the configuration, and exit");
  return service::run_daemon(app, argc, argv, [&](const std::string& config_file) -> Result<void> {
    PEC_TRY(const auto config, config::load_config(config_file));
    try {
      return run(config, config_file, check_only);
    } catch (const std::exception& error) {
      return bad_input(fmt::format("{}: {}", config_file, error.what()));
    }
  });
}

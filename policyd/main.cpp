// SPDX-License-Identifier: GPL-2.0-or-later

// pec-policyd: reads the configuration, opens the ledger, serves. Nothing else happens here.

#include "base/file.hpp"
#include "base/repeating.hpp"
#include "config/file_checks.hpp"
#include "ledger/sql_ledger.hpp"
#include "login_server.hpp"
#include "notifier.hpp"
#include "policy.hpp"
#include "server.hpp"
#include "service/log.hpp"
#include "smime/hmac.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <optional>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

using namespace pec;

// How long a question may wait for a ledger that is locked: less than Postfix waits for its answer
// (postfix-conf/main.cf, smtpd_policy_service_timeout).
constexpr std::chrono::seconds ledger_patience{2};

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&set, signal);
  return set;
}

int complain(const std::string& problem) {
  fmt::print(stderr, "pec-policyd: {}\n", problem);
  return 1;
}

int run(const Config& config) {
  // Before any thread starts: only the one below is to get them.
  const auto signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const auto& command = config.policy.notify_command;
  if (!command.empty() && access(command.c_str(), X_OK) != 0)
    return complain(fmt::format(
        "can't run {}: {}; let the service's user execute it, or correct policy.notify_command",
        command.string(), errno_text(errno)));
  const auto ledger = SqlLedger::open(config.ledger.connection, ledger_patience);
  if (!ledger) return complain(ledger.error().detail);
  const SystemClock clock;
  const policy::Policy policy(**ledger, clock, config.sending_limits(),
                              config.policy.without_ledger);
  const auto& logins_listen = config.policy.logins_listen;
  policy::LoginServerOptions login_options{.listen = logins_listen};
  policy::ServerOptions options{.listen = config.policy.listen};
  if (!logins_listen.empty()) options.other_files += login_options.most_connections;
  policy::Server server(policy, options);
  Alarms alarms(clock);
  policy::LoginPolicy logins(**ledger, clock, alarms);
  std::optional<policy::LoginServer> login_server;
  if (!logins_listen.empty()) {
    const auto secret = smime::secret_digits(config.policy.logins_secret_file);
    if (!secret) return complain(secret.error().detail);
    login_options.secret = *secret;
    login_server.emplace(logins, alarms, login_options);
  }
  start_log("pec-policyd", config.log);
  const auto addresses = fmt::format("{}", fmt::join(config.policy.listen, " "));
  policy::Notifier notifier(**ledger,
                            StateReport(**ledger, clock, host_name(), "policy", log_as("policy")),
                            {.command = command.string(), .good = "listening on " + addresses});
  const auto notices = repeating(std::chrono::seconds(2), [&] { notifier.look(); });
  const auto tell_gathered = [&](Alarms::When when) {
    for (const auto& line : alarms.gathered(when)) spdlog::warn("{}", line);
  };
  StateReport login_report(**ledger, clock, host_name(), "logins", log_as("logins"));
  auto login_state = std::jthread();
  if (login_server)
    login_state = repeating(std::chrono::seconds(2), [&] {
      const auto unjudged = logins.unjudged();
      login_report(!unjudged, unjudged.value_or("listening on " + logins_listen));
      tell_gathered(Alarms::When::is_over);
    });
  // Last: whatever throws above ends the program, and would wait for this thread.
  const std::jthread waits_for_end([&] {
    int received = 0;
    while (sigwait(&signals, &received) != 0) {
    }
    server.stop();
    if (login_server) login_server->stop();
  });
  const auto serve_logins = [&]() noexcept { login_server->run(); };
  auto answers_about_logins = login_server ? std::jthread(serve_logins) : std::jthread();
  spdlog::info("started on {}", addresses);
  server.run();
  answers_about_logins = {};  // with what is still to be counted
  login_state = {};
  tell_gathered(Alarms::When::now);
  spdlog::info("stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The policy daemon of certified mail, for Postfix", "pec-policyd");
  std::string config_file = "/etc/pec/pec.toml";
  app.add_option("--config", config_file, "Configuration file (TOML)")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    const auto config = load_safe_config(config_file, {FileUse::ledger, FileUse::notices});
    if (!config) return complain(config.error().detail);
    return run(*config);
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}

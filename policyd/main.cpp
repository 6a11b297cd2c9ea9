// SPDX-License-Identifier: GPL-2.0-or-later

// pec-policyd: reads the configuration, opens the ledger, serves. It does nothing else.

#include "base/file.hpp"
#include "base/repeating.hpp"
#include "base/watch.hpp"
#include "config/file_checks.hpp"
#include "ledger/sql_ledger.hpp"
#include "policyd/login_server.hpp"
#include "policyd/notifier.hpp"
#include "policyd/policy.hpp"
#include "policyd/server.hpp"
#include "service/daemon.hpp"
#include "service/daemon_answers.hpp"
#include "service/log.hpp"
#include "service/notify.hpp"
#include "smime/hmac.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <optional>
#include <spdlog/spdlog.h>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

using namespace pec;

// How long a question may wait for a locked ledger. It is less than Postfix waits for its answer
// (postfix-conf/main.cf, smtpd_policy_service_timeout).
constexpr std::chrono::seconds ledger_patience{2};

Result<void> check_command(const std::filesystem::path& command) {
  if (command.empty() || access(command.c_str(), X_OK) == 0) return {};
  return bad_input(fmt::format(
      "can't run {}: {}; let the service's user execute it, or correct policy.notify_command",
      command.string(), errno_text(errno)));
}

Result<void> run(const config::Config& config) {
  const auto signals =
      service::block_signals({SIGTERM, SIGINT});  // only the thread below gets them
  PEC_TRY_VOID(check_command(config.policy.notify_command));
  PEC_TRY(const auto ledger, ledger::SqlLedger::open(config.ledger.connection, ledger_patience));
  const SystemClock clock;
  const policyd::Policy policy(*ledger, clock, config.sending_limits(),
                               config.policy.without_ledger);
  const auto& logins_listen = config.policy.logins_listen;
  policyd::LoginServerOptions login_options{.listen = logins_listen};
  policyd::ServerOptions options{.listen = config.policy.listen};
  if (!logins_listen.empty()) options.other_files += login_options.most_connections;
  policyd::Server server(policy, options);
  service::Alarms alarms(clock);
  policyd::LoginPolicy logins(*ledger, clock, alarms);
  std::optional<policyd::LoginServer> login_server;
  if (!logins_listen.empty()) {
    PEC_TRY(login_options.secret, smime::secret_digits(config.policy.logins_secret_file));
    login_server.emplace(logins, alarms, login_options);
  }
  service::start_log("pec-policyd", config.log);
  const auto addresses = fmt::format("{}", fmt::join(config.policy.listen, " "));
  policyd::Notifier notifier(
      *ledger,
      service::StateReport(*ledger, clock, service::host_name(), "policy",
                           service::log_as("policy")),
      {.command = config.policy.notify_command.string(), .good = "listening on " + addresses});
  const auto notices = repeating(std::chrono::seconds(2), [&] { notifier.look(); });
  const auto tell_gathered = [&](service::Alarms::When when) {
    for (const auto& line : alarms.gathered(when)) spdlog::warn("{}", line);
  };
  const auto look_at_logins = [&] {
    tell_gathered(service::Alarms::When::is_over);
    const auto unjudged = logins.unjudged();
    return Watch::Seen{{!unjudged, unjudged.value_or("listening on " + logins_listen)}};
  };
  std::optional<Watch> login_watch;
  if (login_server)
    login_watch.emplace(std::chrono::seconds(2), look_at_logins,
                        service::StateReport(*ledger, clock, service::host_name(), "logins",
                                             service::log_as("logins")));
  // Comes last: an exception above ends the program, and would wait for this thread.
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
  std::optional<service::SelfWatch> self_watch;
  self_watch.emplace([&](const service::Patience& patience) {
    return service::ask_policy_server(config.policy.listen.front(), patience);
  });
  server.run();
  self_watch.reset();
  answers_about_logins = {};  // counts the remaining reports
  login_watch.reset();
  tell_gathered(service::Alarms::When::now);
  spdlog::info("stopped");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The policy daemon of certified mail, for Postfix", "pec-policyd");
  app.footer(
      "It answers Postfix, which asks whether a login may send this message, and Dovecot, which "
      "asks whether somebody may try a password. SIGTERM ends it.");
  return service::run_daemon(app, argc, argv, [](const std::string& config_file) -> Result<void> {
    PEC_TRY(const auto config, config::load_safe_config(config_file, {config::FileUse::ledger,
                                                                      config::FileUse::notices}));
    return run(config);
  });
}

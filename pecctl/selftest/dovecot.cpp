// SPDX-License-Identifier: GPL-2.0-or-later

// The Dovecot instance for certified mail.

#include "base/text.hpp"
#include "pecctl/selftest/rows.hpp"
#include "service/command.hpp"
#include "service/own_socket.hpp"

#include <fmt/format.h>

namespace pec::pecctl {

namespace {

using namespace std::chrono_literals;
using service::ask_command;

constexpr auto program_limit = 20s;

std::string file_of(const Host& host) {
  return (host.config.site.dovecot_dir / "dovecot.conf").string();
}

// What a program of Dovecot's prints about this instance. Error: unavailable, with its first line.
Result<std::string> ask(const Host& host, const char* program, std::vector<std::string> options) {
  std::vector<std::string> words{program, "-c", file_of(host)};
  for (auto& option : options) words.push_back(std::move(option));
  PEC_TRY(auto ran, ask_command(words, "", program_limit));
  if (ran.status == 0) return std::move(ran.output);
  return unavailable(std::string(text::split(text::trim(ran.errors), '\n').front()));
}

}  // namespace

Result<Finding> look_at_dovecot(const Host& host) {
  if (host.config.site.host_name.empty()) return off("site.host_name is not set");
  PEC_TRY_VOID(ask(host, "/usr/bin/doveconf", {"-n"}));
  const auto services = ask(host, "/usr/bin/doveadm", {"process", "status"});
  if (services) return good(file_of(host) + ": its settings are good, and it runs");
  return bad(services.error().detail,
             "Start the instance (systemctl start dovecot-pec), and look at its log.");
}

// lmtp loads all plugins of a delivery before it greets, and ends if one is of another version. (No
// other program can load them: they need what only lmtp has.)
Result<Finding> look_at_plugins(const Host& host) {
  const auto& site = host.config.site;
  if (site.host_name.empty()) return off("site.host_name is not set");
  const service::OwnSocket socket{.path = (site.postfix_queue / "private/dovecot-lmtp").string()};
  constexpr std::string_view expected = "220 ";
  PEC_TRY(const auto greeting, service::ask(socket, "QUIT\r\n", expected.size(), {program_limit}));
  if (greeting != expected)
    return bad(fmt::format("{}: no greeting, but \"{}\"", socket.path, greeting));
  PEC_TRY(const auto plugins,
          ask(host, "/usr/bin/doveconf", {"-f", "protocol=lmtp", "-h", "mail_plugins"}));
  return good(fmt::format("lmtp has loaded {}", text::trim(plugins)));
}

Result<Finding> look_at_quota(const Host& host) {
  const auto quotas = host.context.quotas(host.config);
  const auto& socket = host.config.quota.dovecot_socket;
  if (!quotas) return off("quota.dovecot_socket is not set");
  const auto& mailbox = host.config.provider.service_mailbox;
  PEC_TRY_VOID(quotas->of(mailbox));
  return good(fmt::format("{} answers about {}", socket.string(), mailbox));
}

}  // namespace pec::pecctl

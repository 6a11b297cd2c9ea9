// SPDX-License-Identifier: GPL-2.0-or-later

// The Postfix instance for certified mail, and the two daemons that it asks.

#include "base/file.hpp"
#include "base/text.hpp"
#include "pecctl/selftest/postfix_tables.hpp"
#include "pecctl/selftest/rows.hpp"
#include "service/command.hpp"
#include "service/daemon_answers.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

namespace pec::pecctl {

namespace {

using namespace std::chrono_literals;
using service::ask_command;

constexpr auto program_limit = 15s;
constexpr auto answer_limit = 10s;
constexpr auto postconf = "/usr/sbin/postconf";

// The first line that a program complains with; empty: none.
std::string complaint(const service::CommandAnswer& ran) {
  return std::string(text::split(text::trim(ran.errors), '\n').front());
}

// What postconf prints about this instance. Error: unavailable, also after a warning.
Result<std::string> settings(const Host& host, std::vector<std::string> options) {
  std::vector<std::string> words{postconf, "-c", host.config.site.postfix_dir.string()};
  for (auto& option : options) words.push_back(std::move(option));
  PEC_TRY(auto ran, ask_command(words, "", program_limit));
  if (ran.status != 0 || !ran.errors.empty()) return unavailable(complaint(ran));
  return std::move(ran.output);
}

// A running master holds the lock of its file. ("master -t" can't be asked: without a terminal it
// wants to begin a session.)
Result<bool> master_runs(const Host& host) {
  PEC_TRY(const auto queue, settings(host, {"-h", "queue_directory"}));
  const auto file = std::string(text::trim(queue)) + "/pid/master.pid";
  const FileDescriptor lock(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  return lock && flock(lock.get(), LOCK_SH | LOCK_NB) != 0;
}

// Those that hold their content themselves can't fail, and "unix:" is mostly a socket.
Result<std::set<std::string, std::less<>>> table_types(const Host& host) {
  PEC_TRY(const auto known, settings(host, {"-m"}));
  std::set<std::string, std::less<>> types;
  for (const auto type : text::split(known, '\n')) types.emplace(text::trim(type));
  for (const auto* type : {"", "static", "inline", "internal", "environ", "unix", "proxy", "fail"})
    types.erase(type);
  return types;
}

}  // namespace

Result<Finding> look_at_postfix(const Host& host) {
  const auto& site = host.config.site;
  if (site.host_name.empty()) return off("site.host_name is not set");
  PEC_TRY_VOID(settings(host, {"-n"}));
  PEC_TRY_VOID(settings(host, {"-M"}));
  PEC_TRY(const auto runs, master_runs(host));
  if (runs)
    return good(fmt::format("{}: its settings are good, and it runs", site.postfix_dir.string()));
  return bad(fmt::format("{}: it does not run", site.postfix_dir.string()),
             "Start the instance (systemctl start postfix@postfix-pec), and look at its log.");
}

// Postfix itself finds out about a table that it can't read only when mail comes.
Result<Finding> look_at_tables(const Host& host) {
  const auto& site = host.config.site;
  if (site.host_name.empty()) return off("site.host_name is not set");
  PEC_TRY(const auto types, table_types(host));
  PEC_TRY(const auto main, settings(host, {"-x", "-n"}));
  PEC_TRY(const auto services, settings(host, {"-x", "-P"}));
  const auto tables = tables_in(main + "\n" + services, types);
  const auto address = "posta-certificata@" + host.config.provider.domain;
  for (const auto& table : tables) {
    PEC_TRY(const auto ran, ask_command({host.config.aliases.postmap.string(), "-c",
                                         site.postfix_dir.string(), "-q", address, table},
                                        "", program_limit));
    constexpr int not_there = 1;
    if (ran.status > not_there || !ran.errors.empty())
      return bad(fmt::format("{}: {}", table, complaint(ran)));
  }
  return good(fmt::format("all {} answer", tables.size()));
}

Result<Finding> look_at_milter(const Host& host) {
  const auto& socket = host.config.milter.socket;
  PEC_TRY_VOID(service::ask_milter(socket, {answer_limit}));
  return good(socket + " answers");
}

Result<Finding> look_at_policy(const Host& host) {
  const auto& addresses = host.config.policy.listen;
  if (addresses.empty()) return off("policy.listen is not set");
  for (const auto& address : addresses)
    PEC_TRY_VOID(service::ask_policy_server(address, {answer_limit}));
  return good(text::join(addresses, ", ") + " answers");
}

}  // namespace pec::pecctl

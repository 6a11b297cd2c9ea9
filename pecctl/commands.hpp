// SPDX-License-Identifier: GPL-2.0-or-later

// What pecctl's commands need from the command line, and the commands: each reads the configuration,
// builds what it works on, and gives its answer. The work itself is in a file for each.
//
//     Request request{.run = run_status};
//     auto answer = request.run(request);       // answer->text, answer->exit_status
//
// Errors: one sentence for the administrator. One thread; root goes on as the service's user, for good.
#pragma once

#include "base/result.hpp"
#include "base/text.hpp"
#include "pecctl/report.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pec::pecctl {

// What a command prints, and the exit status that goes with it. Most answer with text alone.
struct Answer {
  Answer(std::string answer = {}, int status = 0) : text(std::move(answer)), exit_status(status) {}
  Answer(Report report)
      : text(text::join(report.lines, "\n")),
        exit_status(report.problems.empty() ? 0 : 1),
        problems(std::move(report.problems)) {}
  std::string text;
  int exit_status;
  std::vector<std::string> problems;  // for standard error
};

// What the command line asks for.
struct Request {
  Result<Answer> (*run)(const Request&) = nullptr;  // the command
  std::string config_file = "/etc/pec/pec.toml";
  std::string address;
  std::string new_address;            // of a mailbox that is renamed
  bool closed = false, open = false;  // to set: one at most
  std::optional<std::string> holder, contacts;
  std::string reason;
  bool confirmed = false;  // what can't be undone
  bool json = false;
  std::string whose;  // wrong passwords: an account or a network
  std::string virus_id;
  std::string message_file;  // empty: the message isn't wanted
  bool dry_run = false;
  std::string pec_id;
  std::string recipient;  // empty: all of the message
  bool all = false;
  bool force = false;
  std::vector<std::string> domains;
  std::string unit;         // of those domains; empty: the main environment
  std::string policy_file;  // empty: the table that is configured
};

Result<Answer> run_mailbox_list(const Request& request);
Result<Answer> run_mailbox_show(const Request& request);
Result<Answer> run_mailbox_add(const Request& request);
Result<Answer> run_mailbox_set(const Request& request);
Result<Answer> run_mailbox_rename(const Request& request);
Result<Answer> run_mailbox_block(const Request& request);
Result<Answer> run_mailbox_unblock(const Request& request);
Result<Answer> run_mailbox_revoke(const Request& request);
Result<Answer> run_mailbox_restore(const Request& request);
Result<Answer> run_mailbox_purge(const Request& request);
Result<Answer> run_mailbox_passwd(const Request& request);
Result<Answer> run_status(const Request& request);
Result<Answer> run_logins(const Request& request);
Result<Answer> run_logins_forget(const Request& request);
Result<Answer> run_timeouts(const Request& request);
Result<Answer> run_incidents(const Request& request);
Result<Answer> run_resolve(const Request& request);
Result<Answer> run_reissue(const Request& request);
Result<Answer> run_resend(const Request& request);
Result<Answer> run_crl_update(const Request& request);
Result<Answer> run_virus_list(const Request& request);
Result<Answer> run_virus_show(const Request& request);
Result<Answer> run_virus_prune(const Request& request);
Result<Answer> run_directory_sync(const Request& request);
Result<Answer> run_directory_check(const Request& request);
Result<Answer> run_directory_publish(const Request& request);
Result<Answer> run_tls_policy(const Request& request);
Result<Answer> run_domain_add(const Request& request);
Result<Answer> run_domain_remove(const Request& request);
Result<Answer> run_domain_list(const Request& request);

}  // namespace pec::pecctl

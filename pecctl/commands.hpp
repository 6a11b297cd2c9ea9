// SPDX-License-Identifier: GPL-2.0-or-later

// pecctl's commands. Each adds itself and its options to the command line. The chosen one gives the
// answer.
//
//     Command chosen;
//     add_status(app, chosen);
//     app.parse(argc, argv);
//     const auto answer = chosen(context);      // answer->lines, answer->exit_status()
//
// answer.hpp describes an answer; context.hpp gives a command what it works on. Errors: one
// sentence for the administrator: what, where, how to fix it. One thread.
#pragma once

#include "pecctl/answer.hpp"
#include "pecctl/context.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <utility>

namespace pec::pecctl {

using Command = std::function<Result<Answer>(const Context&)>;

// `run` is chosen if the command line names this command but none of its sub-commands.
inline CLI::App& add_command(CLI::App& group, Command& chosen, const char* name, const char* doc,
                             Command run) {
  auto& command = *group.add_subcommand(name, doc);
  command.callback([&chosen, run = std::move(run)] {  // runs after the callbacks of sub-commands
    if (!chosen) chosen = run;
  });
  return command;
}

// A group of commands: the command line must name one of them.
inline CLI::App& add_group(CLI::App& app, const char* name, const char* doc) {
  auto& group = *app.add_subcommand(name, doc);
  group.require_subcommand(1);
  return group;
}

void add_mailbox(CLI::App& app, Command& chosen);
void add_status(CLI::App& app, Command& chosen);
void add_logins(CLI::App& app, Command& chosen);
void add_timeouts(CLI::App& app, Command& chosen);
void add_incidents(CLI::App& app, Command& chosen);
void add_receipts(CLI::App& app, Command& chosen);
void add_crl(CLI::App& app, Command& chosen);
void add_domain(CLI::App& app, Command& chosen);
void add_virus_store(CLI::App& app, Command& chosen);
void add_certificate(CLI::App& app, Command& chosen);
void add_selftest(CLI::App& app, Command& chosen);
void add_setup(CLI::App& app, Command& chosen);
void add_config(CLI::App& app, Command& chosen);

// These belong to the group `directory`.
void add_directory_sync(CLI::App& group, Command& chosen);
void add_directory_check(CLI::App& group, Command& chosen);
void add_directory_publish(CLI::App& group, Command& chosen);
void add_tls_policy(CLI::App& group, Command& chosen);

}  // namespace pec::pecctl

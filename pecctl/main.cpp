// SPDX-License-Identifier: GPL-2.0-or-later

// pecctl: the tool for the work that an administrator of certified mail does by hand. Reads the
// command line, runs its command (commands.hpp), and prints the answer. Exit status: 0 if all is
// done; else 1, with a line on standard error that says why. `status` and `selftest` also exit with
// 1 if they report something bad.

#include "base/version.hpp"
#include "pecctl/commands.hpp"
#include "pecctl/documents.hpp"

#include <cstdio>
#include <fmt/format.h>

namespace {

using namespace pec::pecctl;

void add_directory(CLI::App& app, Command& chosen) {
  auto& group = add_group(app, "directory", "The providers' directory");
  for (auto* add : {add_directory_sync, add_directory_check, add_directory_publish, add_tls_policy})
    add(group, chosen);
}

// Hidden: the build has them print what is installed.
void add_documents(CLI::App& app) {
  app.add_option_function<std::string>("--manual",
                                       [&app](const std::string& page) {
                                         const auto text = manual(app, page);
                                         if (!text)
                                           throw CLI::ValidationError("--manual",
                                                                      text.error().detail);
                                         fmt::print("{}", *text);
                                         throw CLI::Success();
                                       })
      ->group("");
  app.add_flag_callback("--bash-completion",
                        [&app] {
                          fmt::print("{}", bash_completion(app));
                          throw CLI::Success();
                        })
      ->group("");
}

int complain(const std::string& problem) {
  fmt::print(stderr, "pecctl: {}\n", problem);
  return 1;
}

int print(const pec::Result<Answer>& answer) {
  if (!answer) return complain(answer.error().detail);
  for (const auto& line : answer->lines) fmt::print("{}\n", line);
  for (const auto& problem : answer->problems) complain(problem);
  return answer->exit_status();
}

}  // namespace

int main(int argc, char** argv) {
  Context context;
  Command chosen;
  CLI::App app("What an administrator of certified mail does by hand", "pecctl");
  app.fallthrough();  // --config may stand after the command, too
  app.require_subcommand(1);
  app.add_option("--config", context.config_file, "Configuration file (TOML)")
      ->type_name("FILE")
      ->capture_default_str();
  app.set_version_flag("--version", fmt::format("pecctl {}", pec::version()),
                       "Print the version, and exit");
  for (auto* add : {add_mailbox, add_status, add_logins, add_timeouts, add_incidents, add_receipts,
                    add_crl, add_directory, add_domain, add_virus_store, add_config,
                    add_certificate, add_setup, add_selftest})
    add(app, chosen);
  // Last, since a command takes over the footer that is there before it.
  app.footer("Exit status: 0 if all is done; else 1, with a line on standard error that says why.");
  add_documents(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }

  try {
    return print(chosen(context));
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}

// pecctl: what an administrator of certified mail does by hand. Reads the command line and the
// configuration, builds what the command works on, and prints its answer. Exit status: 0 done,
// 1 not, with a line on standard error that says why. The commands are in a file each.

#include "base/file.hpp"
#include "config/config.hpp"
#include "directory/file_directory.hpp"
#include "ledger/database.hpp"
#include "ledger/sql_ledger.hpp"
#include "mailbox.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <grp.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace pec;

// What the command line asks for.
struct Request {
  std::string config_file = "/etc/pec/pec.toml";
  std::string address;
  bool set = false;                   // else show
  bool closed = false, open = false;  // to set: exactly one
};

// Root goes on as the ledger's owner, and for good: SQLite makes files beside the ledger, and those
// that root makes are closed to the service's user until SQLite has given them away. For the same
// reason root doesn't create the ledger.
Result<void> become_owner(const std::string& ledger_file) {
  if (geteuid() != 0) return {};
  struct stat status {};
  if (stat(ledger_file.c_str(), &status) != 0)
    return unavailable(
        fmt::format("ledger {}: {}; root doesn't create it, since the service's user "
                    "couldn't write it: start pec-milter once, or run this as the "
                    "service's user",
                    ledger_file, errno_text(errno)));
  if (setgroups(0, nullptr) != 0 || setgid(status.st_gid) != 0 || setuid(status.st_uid) != 0)
    return unavailable(
        fmt::format("can't act as the owner of ledger {}: {}; run this as the "
                    "service's user",
                    ledger_file, errno_text(errno)));
  return {};
}

Result<std::unique_ptr<SqlLedger>> open_ledger(const std::string& connection) {
  const auto file = ledger::Database::file_of(connection);
  if (!file) return tl::unexpected(file.error());
  if (const auto done = become_owner(*file); !done) return tl::unexpected(done.error());
  return SqlLedger::open(connection);
}

Result<std::string> run_mailbox(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const auto directory =
      directory::FileDirectory::load(config->directory.file, config->directory.signer_ca_file);
  if (!directory) return tl::unexpected(directory.error());
  const auto mailbox = pecctl::our_mailbox(request.address, *(*directory)->snapshot(), *config);
  if (!mailbox) return tl::unexpected(mailbox.error());
  const auto ledger = open_ledger(config->ledger.connection);
  if (!ledger) return tl::unexpected(ledger.error());
  return request.set ? pecctl::set_mailbox(**ledger, *mailbox, request.closed)
                     : pecctl::show_mailbox(**ledger, *mailbox);
}

void add_mailbox(CLI::App& app, Request& request) {
  auto* mailbox = app.add_subcommand("mailbox", "What a mailbox of ours takes");
  mailbox->require_subcommand(1);
  auto* set = mailbox->add_subcommand("set", "Close a mailbox to ordinary mail, or open it again");
  auto* show = mailbox->add_subcommand("show", "Say whether a mailbox is closed or open");
  for (auto* command : {set, show})
    command->add_option("ADDRESS", request.address, "The mailbox; its domain is one of ours")
        ->required();
  set->callback([&request] { request.set = true; });
  auto* state =
      set->add_option_group("State", "What it takes from the next message on")->require_option(1);
  state->add_flag("--closed", request.closed,
                  "It takes certified mail only; ordinary mail is refused");
  state->add_flag("--open", request.open, "It takes ordinary mail too, in anomaly envelopes");
}

int complain(const std::string& problem) {
  fmt::print(stderr, "pecctl: {}\n", problem);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Request request;
  CLI::App app("What an administrator of certified mail does by hand", "pecctl");
  app.fallthrough();  // --config may stand after the command, too
  app.require_subcommand(1);
  app.add_option("--config", request.config_file, "Configuration file (TOML)")
      ->capture_default_str();
  add_mailbox(app, request);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }

  try {
    const auto answer = run_mailbox(request);
    if (!answer) return complain(answer.error().detail);
    fmt::print("{}\n", *answer);
    return 0;
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}

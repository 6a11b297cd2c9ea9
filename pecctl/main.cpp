// pecctl: what an administrator of certified mail does by hand. Reads the command line and the
// configuration, builds what the command works on, and prints its answer. Exit status: 0 done,
// 1 not, with a line on standard error that says why; `status` also exits with 1 if what it tells is
// bad. The commands are in a file each.

#include "antivirus/virus_store.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "config/config.hpp"
#include "directory/file_directory.hpp"
#include "ledger/database.hpp"
#include "ledger/sql_ledger.hpp"
#include "mailbox.hpp"
#include "pec/stamp.hpp"
#include "status.hpp"
#include "virus_store.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <grp.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace {

using namespace pec;

// What a command prints, and the exit status that goes with it. Most answer with text alone.
struct Answer {
  Answer(std::string answer = {}, int status = 0) : text(std::move(answer)), exit_status(status) {}
  std::string text;
  int exit_status;
};

// What the command line asks for.
struct Request {
  Result<Answer> (*run)(const Request&) = nullptr;  // the command
  std::string config_file = "/etc/pec/pec.toml";
  std::string address;
  bool closed = false, open = false;  // to set: exactly one
  std::string virus_id;
  std::string message_file;  // empty: the message isn't wanted
  bool dry_run = false;
};

// Root goes on as the owner of what it works on, and for good.
Result<void> become_owner(const struct stat& status, const std::string& what) {
  if (setgroups(0, nullptr) != 0 || setgid(status.st_gid) != 0 || setuid(status.st_uid) != 0)
    return unavailable(
        fmt::format("can't act as the owner of {}: {}; run this as the "
                    "service's user",
                    what, errno_text(errno)));
  return {};
}

// SQLite makes files beside the ledger, and those that root makes are closed to the service's user
// until SQLite has given them away. For the same reason root doesn't create the ledger.
Result<void> become_owner_of_ledger(const std::string& file) {
  if (geteuid() != 0) return {};
  struct stat status {};
  if (stat(file.c_str(), &status) != 0)
    return unavailable(
        fmt::format("ledger {}: {}; root doesn't create it, since the service's user "
                    "couldn't write it: start pec-milter once, or run this as the "
                    "service's user",
                    file, errno_text(errno)));
  return become_owner(status, "ledger " + file);
}

Result<std::unique_ptr<SqlLedger>> open_ledger(const std::string& connection) {
  const auto file = ledger::Database::file_of(connection);
  if (!file) return tl::unexpected(file.error());
  if (const auto done = become_owner_of_ledger(*file); !done) return tl::unexpected(done.error());
  return SqlLedger::open(connection);
}

Result<Answer> run_mailbox(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const auto directory =
      directory::FileDirectory::load(config->directory.file, config->directory.signer_ca_file);
  if (!directory) return tl::unexpected(directory.error());
  const auto mailbox = pecctl::our_mailbox(request.address, *(*directory)->snapshot(), *config);
  if (!mailbox) return tl::unexpected(mailbox.error());
  const auto ledger = open_ledger(config->ledger.connection);
  if (!ledger) return tl::unexpected(ledger.error());
  const bool set = request.closed || request.open;
  return set ? pecctl::set_mailbox(**ledger, *mailbox, request.closed)
             : pecctl::show_mailbox(**ledger, *mailbox);
}

Result<Answer> run_status(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const LegalTime zone(config->provider.time_zone);
  const auto ledger = open_ledger(config->ledger.connection);
  if (!ledger) return tl::unexpected(ledger.error());
  const auto report = pecctl::status(**ledger, zone);
  if (!report) return tl::unexpected(report.error());
  return Answer(report->lines, report->all_good ? 0 : 1);
}

// What the commands on the virus store work on.
struct Viruses {
  LegalTime zone;
  std::unique_ptr<antivirus::FolderVirusStore> store;
};

Result<Viruses> open_viruses(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const auto& folder = config->antivirus.store_dir;
  // A virus is nothing for root to handle. That there is no such folder open() tells.
  struct stat status {};
  if (geteuid() == 0 && stat(folder.c_str(), &status) == 0)
    if (const auto done = become_owner(status, "virus store " + folder.string()); !done)
      return tl::unexpected(done.error());
  auto store = antivirus::FolderVirusStore::open(folder);
  if (!store) return tl::unexpected(store.error());
  return Viruses{LegalTime(config->provider.time_zone), std::move(*store)};
}

Result<Answer> run_virus_list(const Request& request) {
  const auto viruses = open_viruses(request);
  if (!viruses) return tl::unexpected(viruses.error());
  return pecctl::list_viruses(*viruses->store, viruses->zone);
}

Result<Answer> run_virus_show(const Request& request) {
  const auto viruses = open_viruses(request);
  if (!viruses) return tl::unexpected(viruses.error());
  if (!request.message_file.empty()) {
    const auto done = pecctl::export_virus(*viruses->store, request.virus_id, request.message_file);
    if (!done) return tl::unexpected(done.error());
  }
  return pecctl::show_virus(*viruses->store, viruses->zone, request.virus_id);
}

Result<Answer> run_virus_prune(const Request& request) {
  const auto viruses = open_viruses(request);
  if (!viruses) return tl::unexpected(viruses.error());
  return pecctl::prune_viruses(*viruses->store, viruses->zone, SystemClock().now(),
                               request.dry_run);
}

void add_mailbox(CLI::App& app, Request& request) {
  auto* mailbox = app.add_subcommand("mailbox", "What a mailbox of ours takes");
  mailbox->require_subcommand(1);
  auto* set = mailbox->add_subcommand("set", "Close a mailbox to ordinary mail, or open it again");
  auto* show = mailbox->add_subcommand("show", "Say whether a mailbox is closed or open");
  for (auto* command : {set, show})
    command->add_option("ADDRESS", request.address, "The mailbox; its domain is one of ours")
        ->required();
  mailbox->callback([&request] { request.run = run_mailbox; });
  auto* state =
      set->add_option_group("State", "What it takes from the next message on")->require_option(1);
  state->add_flag("--closed", request.closed,
                  "It takes certified mail only; ordinary mail is refused");
  state->add_flag("--open", request.open, "It takes ordinary mail too, in anomaly envelopes");
}

void add_status(CLI::App& app, Request& request) {
  app.add_subcommand("status", "How the parts of each node do, and since when")
      ->footer(
          "Exit status: 0 if all is good; 1 if something is bad, nothing has reported yet, or "
          "the ledger can't be read.")
      ->callback([&request] { request.run = run_status; });
}

void add_virus_store(CLI::App& app, Request& request) {
  auto* viruses = app.add_subcommand("virus-store", "The infected messages that are kept");
  viruses->require_subcommand(1);
  viruses->add_subcommand("list", "One line for each: id, time, role, virus, sender, recipients")
      ->callback([&request] { request.run = run_virus_list; });

  auto* show = viruses->add_subcommand("show", "All that is known of one message");
  show->callback([&request] { request.run = run_virus_show; });
  show->add_option("ID", request.virus_id, "The message, as list names it")->required();
  show->add_option("--message", request.message_file,
                   "Write the infected message itself into this new file");

  auto* prune = viruses->add_subcommand("prune", "Remove what is older than thirty months");
  prune->callback([&request] { request.run = run_virus_prune; });
  prune->add_flag("--dry-run", request.dry_run, "Only say what would be removed");
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
  add_status(app, request);
  add_virus_store(app, request);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }

  try {
    const auto answer = request.run(request);
    if (!answer) return complain(answer.error().detail);
    if (!answer->text.empty()) fmt::print("{}\n", answer->text);
    return answer->exit_status;
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}

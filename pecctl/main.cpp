// pecctl: what an administrator of certified mail does by hand. Reads the command line and the
// configuration, builds what the command works on, and prints its answer. Exit status: 0 done,
// 1 not, or not all, with a line on standard error that says why; `status` also exits with 1 if what
// it tells is bad. The commands are in a file each.

#include "antivirus/virus_store.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "config/config.hpp"
#include "crl.hpp"
#include "directory/directory_keeper.hpp"
#include "incidents.hpp"
#include "ledger/database.hpp"
#include "ledger/sql_ledger.hpp"
#include "mailbox.hpp"
#include "pec/stamp.hpp"
#include "reissue.hpp"
#include "report.hpp"
#include "service_user.hpp"
#include "smime/hmac.hpp"
#include "status.hpp"
#include "submit.hpp"
#include "timeouts.hpp"
#include "virus_store.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
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
  Answer(pecctl::Report report)
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
  bool closed = false, open = false;  // to set: exactly one
  std::string virus_id;
  std::string message_file;  // empty: the message isn't wanted
  bool dry_run = false;
  std::string pec_id;
  std::string recipient;  // empty: all of the message
  bool all = false;
};

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
  return pecctl::become_owner(status, "ledger " + file);
}

Result<std::unique_ptr<SqlLedger>> open_ledger(const Config& config) {
  const auto file = ledger::Database::file_of(config.ledger.connection);
  if (!file) return tl::unexpected(file.error());
  const auto done = *file ? become_owner_of_ledger(**file) : pecctl::become_service_user(config);
  if (!done) return tl::unexpected(done.error());
  return SqlLedger::open(config.ledger.connection);
}

Result<std::shared_ptr<const directory::ProvidersDirectory>> open_directory(const Config& config) {
  const SystemClock clock;
  const auto directory = directory::DirectoryKeeper::open(config.directory, clock);
  if (!directory) return tl::unexpected(directory.error());
  return (*directory)->providers();
}

Result<Answer> run_mailbox(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const auto directory = open_directory(*config);
  if (!directory) return tl::unexpected(directory.error());
  const auto mailbox = pecctl::our_mailbox(request.address, **directory, *config);
  if (!mailbox) return tl::unexpected(mailbox.error());
  const auto ledger = open_ledger(*config);
  if (!ledger) return tl::unexpected(ledger.error());
  const bool set = request.closed || request.open;
  return set ? pecctl::set_mailbox(**ledger, *mailbox, request.closed)
             : pecctl::show_mailbox(**ledger, *mailbox);
}

Result<Answer> run_status(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const LegalTime zone(config->provider.time_zone);
  const auto ledger = open_ledger(*config);
  if (!ledger) return tl::unexpected(ledger.error());
  const auto report = pecctl::status(**ledger, zone);
  if (!report) return tl::unexpected(report.error());
  return Answer(report->lines, report->all_good ? 0 : 1);
}

pecctl::SmtpSubmitter receipts_service(const Config& config) {
  return {config.internal.receipts_address, "posta-certificata@" + config.provider.domain};
}

Result<Answer> run_timeouts(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const auto ledger = open_ledger(*config);
  if (!ledger) return tl::unexpected(ledger.error());
  if (request.dry_run) return pecctl::show_due_notices(**ledger, SystemClock(), *config);
  const auto secret = smime::HmacAuthenticator::from_file(config->internal.secret_file);
  if (!secret) return tl::unexpected(secret.error());
  auto receipts = receipts_service(*config);
  return pecctl::send_due_notices(**ledger, receipts, *secret, SystemClock(), *config);
}

Result<Answer> run_incidents(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const LegalTime zone(config->provider.time_zone);
  const auto ledger = open_ledger(*config);
  if (!ledger) return tl::unexpected(ledger.error());
  return pecctl::list_incidents(**ledger, zone, request.all);
}

Result<Answer> run_resolve(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const auto ledger = open_ledger(*config);
  if (!ledger) return tl::unexpected(ledger.error());
  return pecctl::resolve_incidents(**ledger, SystemClock(), request.pec_id, request.recipient);
}

Result<Answer> run_reissue(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  const auto ledger = open_ledger(*config);
  if (!ledger) return tl::unexpected(ledger.error());
  const auto host_group = smime::HmacAuthenticator::from_file(config->internal.secret_file);
  if (!host_group) return tl::unexpected(host_group.error());
  const auto delivery = smime::HmacAuthenticator::from_file(config->internal.delivery_secret_file);
  if (!delivery) return tl::unexpected(delivery.error());
  auto receipts = receipts_service(*config);
  return pecctl::reissue_receipts(**ledger, receipts, *host_group, *delivery, SystemClock(),
                                  request.pec_id, request.recipient);
}

Result<Answer> run_crl_update(const Request& request) {
  const auto config = load_config(request.config_file);
  if (!config) return tl::unexpected(config.error());
  if (config->trust.crl_file.empty())
    return bad_input(
        fmt::format("{}: trust.crl_file names no file to keep CRLs in", request.config_file));
  if (const auto done = pecctl::become_service_user(*config); !done)
    return tl::unexpected(done.error());
  const auto directory = open_directory(*config);
  if (!directory) return tl::unexpected(directory.error());
  const auto sources = pecctl::crl_sources(**directory, config->trust.crl_urls);
  if (!sources) return tl::unexpected(sources.error());
  pecctl::HttpFetcher web({.scheme = "http"});
  return pecctl::update_crls(web, *sources, config->trust, SystemClock().now());
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
    if (const auto done = pecctl::become_owner(status, "virus store " + folder.string()); !done)
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

void add_timeouts(CLI::App& app, Request& request) {
  auto* timeouts = app.add_subcommand(
      "timeouts", "Have the notices made that are owed after 12 and 24 hours; for a timer");
  timeouts->callback([&request] { request.run = run_timeouts; });
  timeouts->add_flag("--dry-run", request.dry_run, "Only say which are due");
  timeouts->footer("Exit status: 0 if all that are due were made; 1 if not: run it again.");
}

void add_crl(CLI::App& app, Request& request) {
  auto* crl = app.add_subcommand("crl", "The authorities' lists of revoked certificates");
  crl->require_subcommand(1);
  crl->add_subcommand("update", "Fetch the current lists into trust.crl_file; for a timer")
      ->footer("Exit status: 0 if all are current; 1 if not: those that came are in place.")
      ->callback([&request] { request.run = run_crl_update; });
}

void add_message(CLI::App& command, Request& request) {
  command.add_option("PEC_MSGID", request.pec_id, "The message")->required();
  command.add_option("RECIPIENT", request.recipient,
                     "Whom the incident is about; left out: all of that message");
}

void add_incidents(CLI::App& app, Request& request) {
  auto* incidents = app.add_subcommand(
      "incidents", "What should have been and is not: missing receipts, contradictions");
  auto* all = incidents->add_flag("--all", request.all, "Also those that are closed");
  auto* resolve = incidents->add_subcommand("resolve", "Close what has been dealt with");
  add_message(*resolve, request);
  resolve->excludes(all);
  incidents->callback(
      [&request, resolve] { request.run = resolve->parsed() ? run_resolve : run_incidents; });

  auto* receipts = app.add_subcommand("receipts", "The receipts that we issue");
  receipts->require_subcommand(1);
  auto* reissue = receipts->add_subcommand(
      "reissue", "Make the receipts that incidents say are missing, and close these");
  add_message(*reissue, request);
  reissue->callback([&request] { request.run = run_reissue; });
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
  add_timeouts(app, request);
  add_incidents(app, request);
  add_crl(app, request);
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
    for (const auto& problem : answer->problems) complain(problem);
    return answer->exit_status;
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}

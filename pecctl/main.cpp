// SPDX-License-Identifier: GPL-2.0-or-later

// pecctl: what an administrator of certified mail does by hand. Reads the command line, runs what it
// asks for (commands.hpp), and prints the answer. Exit status: 0 done, 1 not, or not all, with a line on
// standard error that says why; `status` also exits with 1 if what it tells is bad.

#include "pecctl/commands.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <string>

namespace {

using namespace pec;
using pecctl::Request;

using Command = Result<pecctl::Answer> (*)(const Request&);

// A command on one mailbox.
CLI::App* mailbox_command(CLI::App& mailbox, Request& request, const char* name, const char* doc,
                          Command run) {
  auto* command = mailbox.add_subcommand(name, doc);
  command->callback([&request, run] { request.run = run; });
  command->add_option("ADDRESS", request.address, "The mailbox; its domain is one of ours")
      ->required();
  return command;
}

void add_holder(CLI::App& command, Request& request) {
  command.add_option("--holder", request.holder, "Whose it is");
  command.add_option("--contacts", request.contacts, "How to reach that one otherwise");
}

void add_reason(CLI::App& command, Request& request) {
  command.add_option("--reason", request.reason, "Why, for those who look at it later")->required();
}

void add_mailbox(CLI::App& app, Request& request) {
  auto& mailbox = *app.add_subcommand("mailbox", "Our mailboxes: what they may do, and accounts");
  mailbox.require_subcommand(1);
  auto* list = mailbox.add_subcommand("list", "A line for each that anything is known of");
  list->callback([&request] { request.run = pecctl::run_mailbox_list; });
  const auto on_one = [&](const char* name, const char* doc, Command run) {
    return mailbox_command(mailbox, request, name, doc, run);
  };
  auto* show =
      on_one("show", "All that is known of one, and what was done to it", pecctl::run_mailbox_show);
  for (auto* command : {list, show})
    command->add_flag("--json", request.json, "For programs: JSON");

  auto* add = on_one("add", "A new account of ours", pecctl::run_mailbox_add);
  add_holder(*add, request);
  add->get_option("--holder")->required();
  auto* set = on_one("set", "Close it to ordinary mail or open it, or say who has it",
                     pecctl::run_mailbox_set);
  auto* settings = set->add_option_group("Settings", "What is left out stays as it is");
  settings->require_option(1, 0);
  auto* closed = settings->add_flag("--closed", request.closed,
                                    "It takes certified mail only; ordinary mail is refused");
  settings->add_flag("--open", request.open, "It takes ordinary mail too, in anomaly envelopes")
      ->excludes(closed);
  add_holder(*settings, request);
  auto* rename = on_one("rename", "Another name for an account of ours, in its first ten days",
                        pecctl::run_mailbox_rename);
  rename->add_option("NEW", request.new_address, "Its new address")->required();
  auto* block = on_one("block", "It sends nothing any more, and its password is void",
                       pecctl::run_mailbox_block);
  auto* unblock = on_one("unblock", "It may send again", pecctl::run_mailbox_unblock);
  auto* revoke =
      on_one("revoke", "It sends nothing, and receives only receipts; may be restored for 185 days",
             pecctl::run_mailbox_revoke);
  for (auto* command : {block, revoke}) add_reason(*command, request);
  auto* restore =
      on_one("restore", "One that was revoked is active again", pecctl::run_mailbox_restore);
  auto* purge = on_one("purge", "After 185 days: one that was revoked is nobody's, for ever",
                       pecctl::run_mailbox_purge);
  auto* passwd =
      on_one("passwd", "A new password for an account of ours, from the terminal or standard input",
             pecctl::run_mailbox_passwd);
  for (auto* command : {add, set, rename, block, unblock, revoke, restore, purge, passwd})
    command->add_flag("--dry-run", request.dry_run, "Only say what would be done");
  for (auto* command : {rename, purge})
    command->add_flag("--yes", request.confirmed, "Do it, though it can't be undone");
}

void add_status(CLI::App& app, Request& request) {
  app.add_subcommand("status", "How the parts of each node do, and since when")
      ->footer(
          "Exit status: 0 if all is good; 1 if something is bad, nothing has reported yet, or "
          "the ledger can't be read.")
      ->callback([&request] { request.run = pecctl::run_status; });
}

void add_logins(CLI::App& app, Request& request) {
  auto* logins =
      app.add_subcommand("logins", "Wrong passwords that count now, by account and by network");
  auto* forget = logins->add_subcommand("forget", "Let somebody in again who is refused");
  forget->add_option("WHOSE", request.whose, "An account, or an address of the network")
      ->required();
  logins->callback([&request, forget] {
    request.run = forget->parsed() ? pecctl::run_logins_forget : pecctl::run_logins;
  });
}

void add_timeouts(CLI::App& app, Request& request) {
  auto* timeouts = app.add_subcommand(
      "timeouts", "Have the notices made that are owed after 12 and 24 hours; for a timer");
  timeouts->callback([&request] { request.run = pecctl::run_timeouts; });
  timeouts->add_flag("--dry-run", request.dry_run, "Only say which are due");
  timeouts->footer("Exit status: 0 if all that are due were made; 1 if not: run it again.");
}

void add_crl(CLI::App& app, Request& request) {
  auto* crl = app.add_subcommand("crl", "The authorities' lists of revoked certificates");
  crl->require_subcommand(1);
  crl->add_subcommand("update", "Fetch the current lists into trust.crl_file; for a timer")
      ->footer("Exit status: 0 if all are current; 1 if not: those that came are in place.")
      ->callback([&request] { request.run = pecctl::run_crl_update; });
}

void add_directory(CLI::App& app, Request& request) {
  auto* directory = app.add_subcommand("directory", "The providers' directory");
  directory->require_subcommand(1);
  auto* sync = directory->add_subcommand(
      "sync", "Fetch it, and put it in place if all of it is right; for a timer");
  sync->callback([&request] { request.run = pecctl::run_directory_sync; });
  sync->add_flag("--force", request.force,
                 "However many domains are gone from it, and however old it is");
  sync->footer(
      "Exit status: 0 if it is in place; 1 if not, and then nothing was changed, or if it is in "
      "place and an entry of another provider is flawed.");

  directory
      ->add_subcommand("check",
                       "Whether mail to our domains comes to us, and our certificates last")
      ->footer("Exit status: 0 if all is well; 1 if not, with a line for each problem.")
      ->callback([&request] { request.run = pecctl::run_directory_check; });

  auto* publish = directory->add_subcommand(
      "publish", "Sign our own record, with the domains of \"pecctl domain\", and put it in place");
  publish->callback([&request] { request.run = pecctl::run_directory_publish; });
  publish->add_flag("--force", request.force,
                    "Whatever it takes from what the directory in use has of us");
  publish->footer("Exit status: 0 if it is in place; 1 if not, and then nothing was changed.");

  auto* policy = directory->add_subcommand(
      "tls-policy", "Write the table of certified domains for Postfix's smtp_tls_policy_maps");
  policy->callback([&request] { request.run = pecctl::run_tls_policy; });
  policy->add_option(
      "FILE", request.policy_file,
      "Write its text there; left out: directory_sync.tls_policy_map, with its index");
}

void add_domain(CLI::App& app, Request& request) {
  auto* domain = app.add_subcommand("domain", "The mail domains that we manage");
  domain->require_subcommand(1);
  auto* add = domain->add_subcommand("add", "Have these published with our record");
  add->callback([&request] { request.run = pecctl::run_domain_add; });
  add->add_option("--unit", request.unit, "The unit that manages them; left out: none of them");
  auto* remove = domain->add_subcommand("remove", "Have these published no more");
  remove->callback([&request] { request.run = pecctl::run_domain_remove; });
  for (auto* command : {add, remove}) {
    command->add_option("DOMAIN", request.domains, "Mail domains")->required();
    command->add_flag("--dry-run", request.dry_run, "Only say what would be done");
  }
  auto* list = domain->add_subcommand("list", "Those that were added, a line for each");
  list->callback([&request] { request.run = pecctl::run_domain_list; });
  list->add_flag("--json", request.json, "For programs: JSON");
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
  incidents->callback([&request, resolve] {
    request.run = resolve->parsed() ? pecctl::run_resolve : pecctl::run_incidents;
  });

  auto* receipts = app.add_subcommand("receipts", "The receipts that we issue");
  receipts->require_subcommand(1);
  auto* reissue = receipts->add_subcommand(
      "reissue", "Make the receipts that incidents say are missing, and close these");
  add_message(*reissue, request);
  reissue->callback([&request] { request.run = pecctl::run_reissue; });
  auto* resend = receipts->add_subcommand(
      "resend", "Send the receipts again that could not be handed over, and close their incidents");
  add_message(*resend, request);
  resend->callback([&request] { request.run = pecctl::run_resend; });
}

void add_virus_store(CLI::App& app, Request& request) {
  auto* viruses = app.add_subcommand("virus-store", "The infected messages that are kept");
  viruses->require_subcommand(1);
  viruses->add_subcommand("list", "One line for each: id, time, role, virus, sender, recipients")
      ->callback([&request] { request.run = pecctl::run_virus_list; });

  auto* show = viruses->add_subcommand("show", "All that is known of one message");
  show->callback([&request] { request.run = pecctl::run_virus_show; });
  show->add_option("ID", request.virus_id, "The message, as list names it")->required();
  show->add_option("--message", request.message_file,
                   "Write the infected message itself into this new file");

  auto* prune = viruses->add_subcommand("prune", "Remove what is older than thirty months");
  prune->callback([&request] { request.run = pecctl::run_virus_prune; });
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
  add_logins(app, request);
  add_timeouts(app, request);
  add_incidents(app, request);
  add_crl(app, request);
  add_directory(app, request);
  add_domain(app, request);
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

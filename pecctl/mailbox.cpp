// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl mailbox`: our mailboxes. add, set, rename, block, unblock, revoke, restore, purge and
// passwd are one step each in the life of a mailbox (pec/mailbox_life.hpp). They write it into the
// ledger; pec-policyd, pec-milter and the look-ups of Postfix and Dovecot see it there at once.
//
//     anna@pec.alfa.example: revoked; its holder can read it until 2026-12-22, and ...
//
// With --dry-run nothing is written, and the line says what would change. A step that can't be
// undone must be confirmed. After an error nothing was changed. list and show: mailbox_report.hpp.

#include "base/text.hpp"
#include "base/utc.hpp"
#include "pec/mailbox_life.hpp"
#include "pecctl/commands.hpp"
#include "pecctl/mailbox_report.hpp"
#include "pecctl/password.hpp"

#include <fmt/format.h>
#include <functional>
#include <memory>
#include <optional>

namespace pec::pecctl {

namespace {

struct Options {
  std::string address, new_address, reason;
  std::optional<std::string> holder, contacts;
  bool closed = false, open = false;  // the settings to make: one at most
  bool dry_run = false;
  bool confirmed = false;  // a step that can't be undone
  bool json = false;
};

// One of our mailboxes, and the commands for it.
class OurMailbox {
public:
  // Checks the addresses before it opens the ledger: a typing error must not create a ledger.
  static Result<OurMailbox> open(const Context& context, const Options& options) {
    OurMailbox opened(options);
    PEC_TRY(auto config, context.load_config({config::FileUse::ledger, config::FileUse::trust}));
    PEC_TRY(const auto directory, context.open_directory(config));
    if (!options.new_address.empty()) {
      PEC_TRY(opened.new_address_, our_mailbox(options.new_address, *directory, config));
    }
    PEC_TRY(opened.address_, our_mailbox(options.address, *directory, config));
    PEC_TRY(auto ledger, context.open_ledger(config));
    opened.site_ = {std::move(config), std::move(ledger)};
    opened.now_ = context.now();
    return opened;
  }

  Result<Answer> show() { return show_mailbox(site_, address_, options_.json); }
  Result<Answer> add();
  Result<Answer> set();
  Result<Answer> rename();
  Result<Answer> block();
  Result<Answer> unblock();
  Result<Answer> revoke();
  Result<Answer> restore();
  Result<Answer> purge();
  Result<Answer> passwd();

private:
  using Step = std::function<Result<Mailbox>(const Mailbox&)>;

  explicit OurMailbox(const Options& options) : options_(options) {}

  // Takes the step from the ledger's state. `what` is for the record; `told` follows the address.
  Result<Answer> take(const Step& step, const std::string& what, const std::string& detail,
                      const std::string& told);
  Result<Answer> write(const std::vector<ledger::MailboxChange>& changes, const std::string& told);
  Result<void> confirm(const std::string& what) const;

  const Options& options_;
  Site site_;
  std::string address_, new_address_;  // canonical
  Instant now_{};
};

Result<Answer> OurMailbox::add() {
  const auto holder = options_.holder.value_or("");
  PEC_TRY(const auto known, site_.ledger->find_mailbox(address_));
  PEC_TRY(auto after, added(known, address_, holder, options_.contacts.value_or(""), now_));
  return write({{known, std::move(after), {address_, now_, "added", holder}}},
               "added; give it a password with \"pecctl mailbox passwd\"");
}

// Changes only the settings that the options name.
Result<Answer> OurMailbox::set() {
  const auto& holder = options_.holder;
  const auto& contacts = options_.contacts;
  const bool opens_or_closes = options_.closed || options_.open;
  std::vector<std::string> changed;
  if (opens_or_closes) changed.emplace_back(openness_text(options_.closed));
  if (holder) changed.push_back("holder: " + *holder);
  if (contacts) changed.push_back("contacts: " + *contacts);
  const auto all = text::join(changed, "; ");
  return take(
      [&](Mailbox mailbox) -> Result<Mailbox> {
        if (!mailbox.created && (holder || contacts))
          return bad_input(fmt::format(
              "{}: it is not an account of ours: its holder is known where it is kept", address_));
        if (opens_or_closes) mailbox.status.closed = options_.closed;
        if (holder) mailbox.holder = *holder;
        if (contacts) mailbox.contacts = *contacts;
        return mailbox;
      },
      "set", all, all);
}

Result<Answer> OurMailbox::rename() {
  PEC_TRY(const auto known, site_.ledger->find_mailbox(address_));
  PEC_TRY(const auto at_new, site_.ledger->find_mailbox(new_address_));
  PEC_TRY(auto both,
          renamed(known.value_or(Mailbox{.address = address_}), new_address_, at_new, now_));
  PEC_TRY_VOID(confirm("the old name stays reserved"));
  return write({{known, both.old_name, {address_, now_, "renamed", "to " + new_address_}},
                {at_new, both.new_name, {new_address_, now_, "renamed", "from " + address_}}},
               fmt::format("renamed to {}; the old name stays reserved", new_address_));
}

Result<Answer> OurMailbox::block() {
  const auto& reason = options_.reason;
  return take([&](const Mailbox& mailbox) { return blocked(mailbox, reason, now_); }, "blocked",
              reason, "blocked: it sends nothing any more, and its password is void");
}

Result<Answer> OurMailbox::unblock() {
  return take([&](const Mailbox& mailbox) { return unblocked(mailbox, now_); }, "unblocked", "",
              "active again; an account of ours needs a new password: \"pecctl mailbox passwd\"");
}

Result<Answer> OurMailbox::revoke() {
  const auto& reason = options_.reason;
  return take(
      [&](const Mailbox& mailbox) { return revoked(mailbox, reason, now_); }, "revoked", reason,
      fmt::format("revoked; its holder can read it until {}, and it can be restored until {}",
                  utc_day(now_ + may_be_read_for), utc_day(now_ + content_is_kept_for)));
}

Result<Answer> OurMailbox::restore() {
  return take(
      [&](const Mailbox& mailbox) { return restored(mailbox, now_); }, "restored", "",
      "active again; if Postfix looks revoked mailboxes up (pec-revoked), \"postfix reload\" has "
      "it forget this one at once");
}

Result<Answer> OurMailbox::purge() {
  PEC_TRY(const auto known, site_.ledger->find_mailbox(address_));
  const auto mailbox = known.value_or(Mailbox{.address = address_});
  PEC_TRY(auto after, purged(mailbox, now_));
  PEC_TRY_VOID(confirm("nobody can restore it, or have its name"));
  return write({{known, std::move(after), {address_, now_, "purged", ""}}},
               fmt::format("purged, its name stays reserved; now delete its mail, which is kept "
                           "under \"{}\"",
                           mailbox.home.empty() ? address_ : mailbox.home));
}

Result<Answer> OurMailbox::passwd() {
  PEC_TRY(const auto password, read_password("New password of " + address_));
  PEC_TRY(const auto hash, hash_password(password));
  return take(
      [&](Mailbox mailbox) -> Result<Mailbox> {
        PEC_TRY_VOID(may_have_password(mailbox));
        mailbox.password = hash;
        return mailbox;
      },
      "password set", "", "has a new password");
}

Result<Answer> OurMailbox::take(const Step& step, const std::string& what,
                                const std::string& detail, const std::string& told) {
  PEC_TRY(const auto known, site_.ledger->find_mailbox(address_));
  PEC_TRY(auto after, step(known.value_or(Mailbox{.address = address_})));
  return write({{known, std::move(after), {address_, now_, what, detail}}}, told);
}

Result<Answer> OurMailbox::write(const std::vector<ledger::MailboxChange>& changes,
                                 const std::string& told) {
  if (!options_.dry_run) {
    PEC_TRY(const bool done, site_.ledger->change_mailboxes(changes));
    if (!done)
      return unavailable(fmt::format(
          "{}: somebody has changed it at this moment: look at it, and run this again", address_));
  }
  return Answer{{text::printable(
      fmt::format("{}: {}{}", address_, options_.dry_run ? "would be " : "", told))}};
}

Result<void> OurMailbox::confirm(const std::string& what) const {
  if (options_.dry_run || options_.confirmed) return {};
  return bad_input(fmt::format(
      "{}: this can't be undone: {}; if that is right, run this with --yes", address_, what));
}

void add_holder(CLI::App& command, Options& options) {
  command.add_option("--holder", options.holder, "Whose it is");
  command.add_option("--contacts", options.contacts, "How to reach that one otherwise");
}

}  // namespace

void add_mailbox(CLI::App& app, Command& chosen) {
  auto& group = add_group(app, "mailbox", "Our mailboxes: what they may do, and accounts");
  const auto options = std::make_shared<Options>();
  auto& list = add_command(group, chosen, "list", "A line for each that anything is known of",
                           [options](const Context& context) -> Result<Answer> {
                             PEC_TRY(const auto site, context.open_site());
                             return list_mailboxes(site, options->json);
                           });
  const auto on_one = [&](const char* name, const char* doc, Result<Answer> (OurMailbox::*run)()) {
    auto& command = add_command(group, chosen, name, doc,
                                [options, run](const Context& context) -> Result<Answer> {
                                  PEC_TRY(auto opened, OurMailbox::open(context, *options));
                                  return (opened.*run)();
                                });
    command.add_option("ADDRESS", options->address, "The mailbox; its domain is one of ours")
        ->required();
    return &command;
  };
  auto* show =
      on_one("show", "All that is known of one, and what was done to it", &OurMailbox::show);
  for (auto* command : {&list, show})
    command->add_flag("--json", options->json, "For programs: JSON");

  auto* add = on_one("add", "A new account of ours", &OurMailbox::add);
  add_holder(*add, *options);
  add->get_option("--holder")->required();
  auto* set =
      on_one("set", "Close it to ordinary mail or open it, or say who has it", &OurMailbox::set);
  auto* settings = set->add_option_group("Settings", "What is left out stays as it is");
  settings->require_option(1, 0);
  auto* closed = settings->add_flag("--closed", options->closed,
                                    "It takes certified mail only; ordinary mail is refused");
  settings->add_flag("--open", options->open, "It takes ordinary mail too, in anomaly envelopes")
      ->excludes(closed);
  add_holder(*settings, *options);
  auto* rename = on_one("rename", "Another name for an account of ours, in its first ten days",
                        &OurMailbox::rename);
  rename->add_option("NEW", options->new_address, "Its new address")->required();
  auto* block =
      on_one("block", "It sends nothing any more, and its password is void", &OurMailbox::block);
  auto* unblock = on_one("unblock", "It may send again", &OurMailbox::unblock);
  auto* revoke =
      on_one("revoke", "It sends nothing, and receives only receipts; may be restored for 185 days",
             &OurMailbox::revoke);
  for (auto* command : {block, revoke})
    command->add_option("--reason", options->reason, "Why, for those who look at it later")
        ->required();
  auto* restore = on_one("restore", "One that was revoked is active again", &OurMailbox::restore);
  auto* purge = on_one("purge", "After 185 days: one that was revoked is nobody's, for ever",
                       &OurMailbox::purge);
  auto* passwd =
      on_one("passwd", "A new password for an account of ours, from the terminal or standard input",
             &OurMailbox::passwd);
  for (auto* command : {add, set, rename, block, unblock, revoke, restore, purge, passwd})
    command->add_flag("--dry-run", options->dry_run, "Only say what would be done");
  for (auto* command : {rename, purge})
    command->add_flag("--yes", options->confirmed, "Do it, though it can't be undone");
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/mailbox_changes.hpp"

#include "base/text.hpp"
#include "base/utc.hpp"
#include "pec/mailbox_life.hpp"
#include "pecctl/mailbox_report.hpp"

#include <fmt/format.h>

namespace pec::pecctl {

namespace {

std::string list_of(const MailboxChanges::Settings& settings) {
  std::vector<std::string> changed;
  if (settings.closed) changed.emplace_back(openness_text(*settings.closed));
  if (settings.holder) changed.push_back("holder: " + *settings.holder);
  if (settings.contacts) changed.push_back("contacts: " + *settings.contacts);
  return text::join(changed, "; ");
}

}  // namespace

Result<std::string> MailboxChanges::add(const std::string& address, const std::string& holder,
                                        const std::string& contacts) {
  PEC_TRY(const auto known, ledger_.find_mailbox(address));
  PEC_TRY(auto after, added(known, address, holder, contacts, now_));
  return write({{known, std::move(after), {address, now_, "added", holder}}},
               "added; give it a password with \"pecctl mailbox passwd\"");
}

Result<std::string> MailboxChanges::set(const std::string& address, const Settings& settings) {
  const auto changed = list_of(settings);
  return take(
      address,
      [&](Mailbox mailbox) -> Result<Mailbox> {
        if (!mailbox.created && (settings.holder || settings.contacts))
          return bad_input(fmt::format(
              "{}: it is not an account of ours: its holder is known where it is kept", address));
        if (settings.closed) mailbox.status.closed = *settings.closed;
        if (settings.holder) mailbox.holder = *settings.holder;
        if (settings.contacts) mailbox.contacts = *settings.contacts;
        return mailbox;
      },
      "set", changed, changed);
}

Result<std::string> MailboxChanges::rename(const std::string& address,
                                           const std::string& new_address) {
  PEC_TRY(const auto known, ledger_.find_mailbox(address));
  PEC_TRY(const auto at_new, ledger_.find_mailbox(new_address));
  PEC_TRY(auto both,
          renamed(known.value_or(Mailbox{.address = address}), new_address, at_new, now_));
  PEC_TRY_VOID(confirm(address, "the old name stays reserved"));
  return write({{known, both.old_name, {address, now_, "renamed", "to " + new_address}},
                {at_new, both.new_name, {new_address, now_, "renamed", "from " + address}}},
               fmt::format("renamed to {}; the old name stays reserved", new_address));
}

Result<std::string> MailboxChanges::block(const std::string& address, const std::string& reason) {
  return take(
      address, [&](const Mailbox& mailbox) { return blocked(mailbox, reason, now_); }, "blocked",
      reason, "blocked: it sends nothing any more, and its password is void");
}

Result<std::string> MailboxChanges::unblock(const std::string& address) {
  return take(
      address, [&](const Mailbox& mailbox) { return unblocked(mailbox, now_); }, "unblocked", "",
      "active again; an account of ours needs a new password: \"pecctl mailbox passwd\"");
}

Result<std::string> MailboxChanges::revoke(const std::string& address, const std::string& reason) {
  return take(
      address, [&](const Mailbox& mailbox) { return revoked(mailbox, reason, now_); }, "revoked",
      reason,
      fmt::format("revoked; its holder can read it until {}, and it can be restored until {}",
                  utc_day(now_ + may_be_read_for), utc_day(now_ + content_is_kept_for)));
}

Result<std::string> MailboxChanges::restore(const std::string& address) {
  return take(
      address, [&](const Mailbox& mailbox) { return restored(mailbox, now_); }, "restored", "",
      "active again; if Postfix looks revoked mailboxes up (pec-revoked), \"postfix reload\" has "
      "it forget this one at once");
}

Result<std::string> MailboxChanges::purge(const std::string& address) {
  PEC_TRY(const auto known, ledger_.find_mailbox(address));
  const auto mailbox = known.value_or(Mailbox{.address = address});
  PEC_TRY(auto after, purged(mailbox, now_));
  PEC_TRY_VOID(confirm(address, "nobody can restore it, or have its name"));
  return write({{known, std::move(after), {address, now_, "purged", ""}}},
               fmt::format("purged, its name stays reserved; now delete its mail, which is kept "
                           "under \"{}\"",
                           mailbox.home.empty() ? address : mailbox.home));
}

Result<std::string> MailboxChanges::set_password(const std::string& address,
                                                 const std::string& hash) {
  return take(
      address,
      [&](Mailbox mailbox) -> Result<Mailbox> {
        PEC_TRY_VOID(may_have_password(mailbox));
        mailbox.password = hash;
        return mailbox;
      },
      "password set", "", "has a new password");
}

Result<std::string> MailboxChanges::take(const std::string& address, const Step& step,
                                         const std::string& what, const std::string& detail,
                                         const std::string& told) {
  PEC_TRY(const auto known, ledger_.find_mailbox(address));
  PEC_TRY(auto after, step(known.value_or(Mailbox{.address = address})));
  return write({{known, std::move(after), {address, now_, what, detail}}}, told);
}

Result<std::string> MailboxChanges::write(const std::vector<MailboxChange>& changes,
                                          const std::string& told) {
  const auto& address = changes.front().event.address;
  if (mode_.dry_run) return text::printable(fmt::format("{}: would be {}", address, told));
  const auto done = ledger_.change_mailboxes(changes);
  if (!done) return tl::unexpected(done.error());
  if (!*done)
    return unavailable(fmt::format(
        "{}: somebody has changed it at this moment: look at it, and run this again", address));
  return text::printable(fmt::format("{}: {}", address, told));
}

Result<void> MailboxChanges::confirm(const std::string& address, const std::string& what) const {
  if (mode_.dry_run || mode_.confirmed) return {};
  return bad_input(fmt::format(
      "{}: this can't be undone: {}; if that is right, run this with --yes", address, what));
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/mailbox_life.hpp"

#include "base/name_table.hpp"
#include "base/text.hpp"
#include "base/utc.hpp"

#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace pec {

namespace {

constexpr NameTable<MailboxState, 4> states{{
    {MailboxState::active, "active"},
    {MailboxState::blocked, "blocked"},
    {MailboxState::revoked, "revoked"},
    {MailboxState::retired, "retired"},
}};

tl::unexpected<Error> not_now(const Mailbox& mailbox, std::string_view why) {
  return bad_input(fmt::format("{}: {}", mailbox.address, why));
}

std::string retired_as(const Mailbox& mailbox) {
  return mailbox.status.renamed_to.empty()
             ? fmt::format("it was purged on {}, and its name is never given out again",
                           utc_day(mailbox.status.since))
             : fmt::format("it is the old name of {}, and stays reserved",
                           mailbox.status.renamed_to);
}

// Puts it into another state from now on.
Mailbox in_state(Mailbox mailbox, MailboxState state, std::string reason, Instant now) {
  mailbox.status.state = state;
  mailbox.status.since = now;
  mailbox.status.reason = std::move(reason);
  return mailbox;
}

// The name is free for a new holder: nobody has had it here.
Result<void> check_free(const std::optional<Mailbox>& existing) {
  if (!existing) return {};
  if (existing->status.state == MailboxState::retired)
    return not_now(*existing, retired_as(*existing));
  if (existing->created) return not_now(*existing, "it is there already");
  if (existing->status.state != MailboxState::active)
    return not_now(*existing, "it is blocked or revoked: unblock or restore it first");
  return {};
}

}  // namespace

std::string_view state_name(MailboxState state) {
  return name_in(states, state);
}

std::optional<MailboxState> state_of_name(std::string_view name) {
  return value_in(states, name);
}

Result<Mailbox> added(const std::optional<Mailbox>& existing, const std::string& address,
                      const std::string& holder, const std::string& contacts, Instant now) {
  PEC_TRY_VOID(check_free(existing));
  Mailbox mailbox = existing.value_or(Mailbox{.address = address});
  mailbox.status.since = now;
  mailbox.created = now;
  mailbox.holder = holder;
  mailbox.contacts = contacts;
  mailbox.home = address;
  return mailbox;
}

Result<Mailbox> blocked(Mailbox mailbox, const std::string& reason, Instant now) {
  switch (mailbox.status.state) {
    case MailboxState::active:
      break;
    case MailboxState::blocked:
      return not_now(
          mailbox, fmt::format("it is blocked already, since {}: {}", utc_day(mailbox.status.since),
                               text::printable(mailbox.status.reason)));
    case MailboxState::revoked:
      return not_now(mailbox, "it is revoked, and sends nothing anyway");
    case MailboxState::retired:
      return not_now(mailbox, retired_as(mailbox));
  }
  // A person who knows the password must not be able to use it any more.
  mailbox.password.clear();
  return in_state(std::move(mailbox), MailboxState::blocked, reason, now);
}

Result<Mailbox> unblocked(Mailbox mailbox, Instant now) {
  if (mailbox.status.state != MailboxState::blocked) return not_now(mailbox, "it is not blocked");
  return in_state(std::move(mailbox), MailboxState::active, {}, now);
}

Result<Mailbox> revoked(Mailbox mailbox, const std::string& reason, Instant now) {
  if (mailbox.status.state == MailboxState::revoked)
    return not_now(mailbox,
                   fmt::format("it is revoked already, since {}", utc_day(mailbox.status.since)));
  if (mailbox.status.state == MailboxState::retired) return not_now(mailbox, retired_as(mailbox));
  return in_state(std::move(mailbox), MailboxState::revoked, reason, now);
}

Result<Mailbox> restored(Mailbox mailbox, Instant now) {
  if (mailbox.status.state == MailboxState::retired) return not_now(mailbox, retired_as(mailbox));
  if (mailbox.status.state != MailboxState::revoked) return not_now(mailbox, "it is not revoked");
  if (const auto end = mailbox.status.since + content_is_kept_for; now >= end)
    return not_now(
        mailbox, fmt::format("it was revoked on {}, and its content was kept until {}: it can't be "
                             "restored any more",
                             utc_day(mailbox.status.since), utc_day(end)));
  return in_state(std::move(mailbox), MailboxState::active, {}, now);
}

Result<Mailbox> purged(Mailbox mailbox, Instant now) {
  if (mailbox.status.state == MailboxState::retired) return not_now(mailbox, retired_as(mailbox));
  if (mailbox.status.state != MailboxState::revoked)
    return not_now(mailbox, "only a revoked mailbox can be purged: revoke it first");
  if (const auto end = mailbox.status.since + content_is_kept_for; now < end)
    return not_now(mailbox,
                   fmt::format("it was revoked on {}, and its content must be kept until {}",
                               utc_day(mailbox.status.since), utc_day(end)));
  mailbox.password.clear();
  return in_state(std::move(mailbox), MailboxState::retired, "purged", now);
}

Result<Renamed> renamed(Mailbox mailbox, const std::string& new_address,
                        const std::optional<Mailbox>& existing, Instant now) {
  PEC_TRY_VOID(check_free(existing));
  if (!mailbox.created)
    return not_now(mailbox, "it is not an account of ours: rename it where it is kept");
  if (mailbox.status.state != MailboxState::active)
    return not_now(mailbox, "only an active mailbox can be renamed");
  if (const auto end = *mailbox.created + may_be_renamed_for; now >= end)
    return not_now(mailbox, fmt::format("it was added on {}, and could be renamed until {}",
                                        utc_day(*mailbox.created), utc_day(end)));
  Renamed both{mailbox, mailbox};
  both.new_name.address = new_address;
  both.old_name.status.renamed_to = new_address;
  both.old_name.password.clear();
  both.old_name = in_state(std::move(both.old_name), MailboxState::retired, "renamed", now);
  return both;
}

Result<void> may_have_password(const Mailbox& mailbox) {
  if (!mailbox.created)
    return not_now(mailbox, "it is not an account of ours: set its password where it is kept");
  if (mailbox.status.state == MailboxState::retired) return not_now(mailbox, retired_as(mailbox));
  if (mailbox.status.state == MailboxState::blocked)
    return not_now(mailbox, "it is blocked: unblock it first");
  return {};
}

}  // namespace pec

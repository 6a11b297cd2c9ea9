// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/sql_mailboxes.hpp"

#include "ledger/storable.hpp"
#include "ledger/store.hpp"
#include "pec/mailbox_life.hpp"

#include <algorithm>
#include <iterator>

namespace pec::ledger {

namespace {

using soci::use;

// A change of state resets `told`, so the holder gets a notice of each new block.
void put(soci::session& sql, const Mailbox& mailbox) {
  const std::string state(state_name(mailbox.status.state));
  const int closed = mailbox.status.closed ? 1 : 0;
  const long long since = seconds_of(mailbox.status.since);
  const long long created = mailbox.created ? seconds_of(*mailbox.created) : 0;
  soci::indicator has_created = mailbox.created ? soci::i_ok : soci::i_null;
  sql << "INSERT INTO mailbox (address, closed, state, since, reason, told, created_at, holder,"
         " contacts, home, password, renamed_to)"
         " VALUES (:address, :closed, :state, :since, :reason, 0, :created, :holder, :contacts,"
         " :home, :password, :renamed_to)"
         " ON CONFLICT (address) DO UPDATE SET closed = excluded.closed, state = excluded.state,"
         " told = CASE WHEN mailbox.state = excluded.state THEN mailbox.told ELSE 0 END,"
         " since = excluded.since, reason = excluded.reason, created_at = excluded.created_at,"
         " holder = excluded.holder, contacts = excluded.contacts, home = excluded.home,"
         " password = excluded.password, renamed_to = excluded.renamed_to",
      use(mailbox.address), use(closed), use(state), use(since), use(mailbox.status.reason),
      use(created, has_created), use(mailbox.holder), use(mailbox.contacts), use(mailbox.home),
      use(mailbox.password), use(mailbox.status.renamed_to);
}

// `before` came from the ledger, so it is storable already.
MailboxChange storable_change(MailboxChange change) {
  auto& [address, status, created, holder, contacts, home, password] = change.after;
  for (auto* text : {&address, &status.reason, &status.renamed_to, &holder, &contacts, &home,
                     &password, &change.event.address, &change.event.detail})
    *text = storable(*text);
  return change;
}

void enter(soci::session& sql, const MailboxEvent& event) {
  run(sql,
      "INSERT INTO mailbox_event (address, at, what, detail)"
      " VALUES (:address, :at, :what, :detail)",
      event.address, event.at, event.what, event.detail);
}

}  // namespace

std::optional<Mailbox> mailbox_row(soci::session& sql, const std::string& address) {
  return first<Mailbox>(sql, "SELECT * FROM mailbox WHERE address = :address", address);
}

bool block(soci::session& sql, const std::string& address, const std::string& reason, Instant at) {
  const auto known = mailbox_row(sql, address).value_or(Mailbox{.address = address});
  const auto after = blocked(known, reason, at);
  if (!after) return false;
  put(sql, *after);
  enter(sql, MailboxEvent{address, at, "blocked", reason});
  return true;
}

Result<MailboxStatus> SqlMailboxes::mailbox(const std::string& address) const {
  return store_->read([&](soci::session& sql) {
    return first<MailboxStatus>(sql,
                                "SELECT closed, state, since, reason, renamed_to FROM mailbox"
                                " WHERE address = :address",
                                storable(address))
        .value_or(MailboxStatus{});
  });
}

Result<std::optional<Mailbox>> SqlMailboxes::find_mailbox(const std::string& address) const {
  return store_->read([&](soci::session& sql) { return mailbox_row(sql, storable(address)); });
}

Result<std::vector<Mailbox>> SqlMailboxes::mailboxes() const {
  return store_->select<Mailbox>("SELECT * FROM mailbox ORDER BY address");
}

Result<bool> SqlMailboxes::change_mailboxes(const std::vector<MailboxChange>& changes) {
  std::vector<MailboxChange> stored;
  std::transform(changes.begin(), changes.end(), std::back_inserter(stored), storable_change);
  return store_->write([&](soci::session& sql) {
    const bool as_seen =
        std::all_of(stored.begin(), stored.end(), [&](const MailboxChange& change) {
          return mailbox_row(sql, change.after.address) == change.before;
        });
    if (!as_seen) return false;
    for (const auto& change : stored) {
      put(sql, change.after);
      enter(sql, change.event);
    }
    return true;
  });
}

Result<std::vector<MailboxEvent>> SqlMailboxes::events_of_mailbox(
    const std::string& address) const {
  return store_->select<MailboxEvent>(
      "SELECT * FROM mailbox_event WHERE address = :address ORDER BY at", storable(address));
}

Result<std::vector<Mailbox>> SqlMailboxes::blocks_to_notify() const {
  return store_->select<Mailbox>(
      "SELECT * FROM mailbox WHERE state = 'blocked' AND told = 0 ORDER BY since, address");
}

Result<void> SqlMailboxes::mark_told(const Mailbox& mailbox) {
  return store_->write([&](soci::session& sql) {
    run(sql, "UPDATE mailbox SET told = 1 WHERE address = :address AND since = :since",
        mailbox.address, mailbox.status.since);
  });
}

}  // namespace pec::ledger

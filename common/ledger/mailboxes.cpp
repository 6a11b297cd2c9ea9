// SPDX-License-Identifier: GPL-2.0-or-later

// SqlLedger's part about mailboxes and domains; what the tables mean is told at the top of
// sql_ledger.cpp.
#include "ledger/mailbox_rows.hpp"
#include "ledger/queries.hpp"
#include "ledger/sql_ledger.hpp"
#include "ledger/storable.hpp"
#include "pec/mailbox_life.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <soci/soci.h>

namespace pec {

namespace {

using ledger::mailbox_row;
using ledger::read;
using ledger::seconds_of;
using ledger::select;
using ledger::storable;
using soci::use;

// Who is told of a block is told of each one anew.
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

// `before` came from the ledger, and is so already.
MailboxChange storable_change(MailboxChange change) {
  auto& [address, status, created, holder, contacts, home, password] = change.after;
  for (auto* text : {&address, &status.reason, &status.renamed_to, &holder, &contacts, &home,
                     &password, &change.event.address, &change.event.detail})
    *text = storable(*text);
  return change;
}

void enter(soci::session& sql, const MailboxEvent& event) {
  const long long at = seconds_of(event.at);
  sql << "INSERT INTO mailbox_event (address, at, what, detail)"
         " VALUES (:address, :at, :what, :detail)",
      use(event.address), use(at), use(event.what), use(event.detail);
}

}  // namespace

std::optional<Mailbox> ledger::mailbox_row(soci::session& sql, const std::string& address) {
  const soci::rowset<Mailbox> rows =
      (sql.prepare << "SELECT * FROM mailbox WHERE address = :address", use(address));
  const auto first = rows.begin();
  return first == rows.end() ? std::nullopt : std::optional(*first);
}

bool ledger::block(soci::session& sql, const std::string& address, const std::string& reason,
                   Instant at) {
  const auto known = mailbox_row(sql, address).value_or(Mailbox{.address = address});
  const auto after = blocked(known, reason, at);
  if (!after) return false;
  put(sql, *after);
  enter(sql, MailboxEvent{address, at, "blocked", reason});
  return true;
}

Result<MailboxStatus> SqlLedger::mailbox(const std::string& address) const {
  PEC_TRY(
      auto found,
      select<MailboxStatus>(
          *database_, reader_,
          "SELECT closed, state, since, reason, renamed_to FROM mailbox WHERE address = :address",
          storable(address)));
  return found.empty() ? MailboxStatus{} : std::move(found.front());
}

Result<std::optional<Mailbox>> SqlLedger::find_mailbox(const std::string& address) const {
  return read(*database_, reader_,
              [&](soci::session& sql) { return mailbox_row(sql, storable(address)); });
}

Result<std::vector<Mailbox>> SqlLedger::mailboxes() const {
  return select<Mailbox>(*database_, reader_, "SELECT * FROM mailbox ORDER BY address");
}

Result<bool> SqlLedger::change_mailboxes(const std::vector<MailboxChange>& changes) {
  std::vector<MailboxChange> stored;
  std::transform(changes.begin(), changes.end(), std::back_inserter(stored), storable_change);
  bool as_seen = true;
  const auto done = writer_.run([&](soci::session& sql) {
    as_seen = std::all_of(stored.begin(), stored.end(), [&](const MailboxChange& change) {
      return mailbox_row(sql, change.after.address) == change.before;
    });
    if (!as_seen) return;
    for (const auto& change : stored) {
      put(sql, change.after);
      enter(sql, change.event);
    }
  });
  if (!done) return tl::unexpected(done.error());
  return as_seen;
}

Result<std::vector<MailboxEvent>> SqlLedger::events_of_mailbox(const std::string& address) const {
  return select<MailboxEvent>(*database_, reader_,
                              "SELECT * FROM mailbox_event WHERE address = :address ORDER BY at",
                              storable(address));
}

Result<std::vector<Mailbox>> SqlLedger::blocks_to_notify() const {
  return select<Mailbox>(
      *database_, reader_,
      "SELECT * FROM mailbox WHERE state = 'blocked' AND told = 0 ORDER BY since, address");
}

Result<void> SqlLedger::mark_told(const Mailbox& mailbox) {
  const long long since = seconds_of(mailbox.status.since);
  return writer_.run([&](soci::session& sql) {
    sql << "UPDATE mailbox SET told = 1 WHERE address = :address AND since = :since",
        use(mailbox.address), use(since);
  });
}

Result<void> SqlLedger::add_domains(const std::vector<ManagedDomain>& domains) {
  return writer_.run([&](soci::session& sql) {
    for (const auto& domain : domains) {
      const auto name = storable(domain.name), unit = storable(domain.unit);
      const long long added = seconds_of(domain.added);
      sql << "INSERT INTO domain (name, unit, added_at) VALUES (:name, :unit, :added)"
             " ON CONFLICT (name) DO UPDATE SET unit = excluded.unit",
          use(name), use(unit), use(added);
    }
  });
}

Result<void> SqlLedger::remove_domains(const std::vector<std::string>& names) {
  return writer_.run([&](soci::session& sql) {
    for (const auto& each : names) {
      const auto name = storable(each);
      sql << "DELETE FROM domain WHERE name = :name", use(name);
    }
  });
}

Result<std::vector<ManagedDomain>> SqlLedger::domains() const {
  return select<ManagedDomain>(*database_, reader_, "SELECT * FROM domain ORDER BY name");
}

}  // namespace pec

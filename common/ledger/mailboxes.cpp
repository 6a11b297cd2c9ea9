// SqlLedger's part about mailboxes and domains; what the tables mean is told at the top of
// sql_ledger.cpp.
#include "ledger/queries.hpp"
#include "ledger/sql_ledger.hpp"
#include "ledger/storable.hpp"

#include <soci/soci.h>

namespace pec {

namespace {

using ledger::read;
using ledger::seconds_of;
using ledger::select;
using ledger::storable;
using soci::into;
using soci::use;

}  // namespace

Result<MailboxStatus> SqlLedger::mailbox(const std::string& address) const {
  auto found = select<MailboxStatus>(
      *database_, reader_, "SELECT * FROM mailbox WHERE address = :address", storable(address));
  if (!found) return tl::unexpected(found.error());
  return found->empty() ? MailboxStatus{} : std::move(found->front());
}

Result<void> SqlLedger::set_closed(const std::string& mailbox, bool closed) {
  const auto address = storable(mailbox);
  const int flag = closed ? 1 : 0;
  return writer_.run([&](soci::session& sql) {
    sql << "INSERT INTO mailbox (address, closed) VALUES (:address, :closed)"
           " ON CONFLICT (address) DO UPDATE SET closed = excluded.closed",
        use(address), use(flag);
  });
}

Result<void> SqlLedger::set_state(const std::string& mailbox, MailboxState state,
                                  const std::string& reason, Instant at) {
  const auto address = storable(mailbox), why = storable(reason);
  const auto name = ledger::state_name(state);
  const long long since = seconds_of(at);
  return writer_.run([&](soci::session& sql) {
    sql << "INSERT INTO mailbox (address, closed, state, since, reason)"
           " VALUES (:address, 0, :state, :since, :reason)"
           " ON CONFLICT (address) DO UPDATE"
           " SET state = excluded.state, since = excluded.since, reason = excluded.reason,"
           " told = 0 WHERE mailbox.state <> excluded.state",
        use(address), use(name), use(since), use(why);
  });
}

Result<bool> SqlLedger::block(const std::string& mailbox, const std::string& reason, Instant at) {
  const auto address = storable(mailbox), why = storable(reason);
  const auto active = ledger::state_name(MailboxState::active),
             blocked = ledger::state_name(MailboxState::blocked);
  const long long since = seconds_of(at);
  bool changed = false;
  const auto done = writer_.run([&](soci::session& sql) {
    soci::statement insert =
        (sql.prepare << "INSERT INTO mailbox (address, closed, state, since, reason)"
                        " VALUES (:address, 0, :blocked, :since, :reason)"
                        " ON CONFLICT (address) DO UPDATE"
                        " SET state = excluded.state, since = excluded.since,"
                        " reason = excluded.reason, told = 0 WHERE mailbox.state = :active",
         use(address), use(blocked), use(since), use(why), use(active));
    insert.execute(true);
    changed = insert.get_affected_rows() != 0;
  });
  if (!done) return tl::unexpected(done.error());
  return changed;
}

Result<std::vector<BlockedMailbox>> SqlLedger::untold_blocks() const {
  return select<BlockedMailbox>(
      *database_, reader_,
      "SELECT * FROM mailbox WHERE state = 'blocked' AND told = 0 ORDER BY since, address");
}

Result<void> SqlLedger::mark_told(const BlockedMailbox& mailbox) {
  const long long since = seconds_of(mailbox.since);
  return writer_.run([&](soci::session& sql) {
    sql << "UPDATE mailbox SET told = 1 WHERE address = :address AND since = :since",
        use(mailbox.address), use(since);
  });
}

Result<std::vector<SentMessage>> SqlLedger::recent_submissions(const std::string& login,
                                                              std::uint64_t most) const {
  return select<SentMessage>(*database_, reader_,
                            "SELECT * FROM submission WHERE login = :login"
                            " ORDER BY at DESC, pec_id LIMIT :most",
                            storable(login), static_cast<long long>(most));
}

Result<std::uint64_t> SqlLedger::spam_since(const std::string& login, Instant after) const {
  const auto name = storable(login);
  const auto spam = ledger::level_name(SpamLevel::spam);
  const long long seconds = seconds_of(after);
  return read(*database_, reader_, [&](soci::session& sql) {
    long long count = 0;
    sql << "SELECT COUNT(*) FROM submission WHERE login = :login AND at > :after"
           " AND level = :level",
        use(name), use(seconds), use(spam), into(count);
    return static_cast<std::uint64_t>(count);
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

// The ledger, in three parts: what is stored, what always holds, how it is kept so.
//
// FORMAT
//
//   event     one line of the message log for each (pec_id, kind, direction, recipient). `kind` is
//             the name on the wire ("avvenuta-consegna"), `direction` issued | received,
//             `recipient` empty where the event is about the message as a whole. `recipients` is
//             one text, a line for each, in the message's order: "certificato a@x" or "esterno
//             b@y".
//   dispatch  one row for each (pec_id, recipient) with a time for each step, or NULL.
//   receipt   for each (pec_id, kind, recipient) the Message-ID and the certified time of what was
//             issued. One receipt for several recipients is several rows with one identity.
//   mailbox   what an administrator has set for a mailbox of ours: closed, 1 or 0. No row: nothing
//             was set, it is open.
//   state     for each (node, component) what that part of the node reported last: good, 1 or 0,
//             and a line of text; `at` is the time of the report that changed it, not of repetitions.
//
//   Times are seconds since 1970, UTC. An absent text is empty, never NULL.
//
// INVARIANTS
//
//   1. What a call has returned is on the disk.
//   2. What a call refused is not there, or is there whole: a call is one savepoint of one
//      transaction. (Whole, if the connection broke between a commit and its answer.)
//   3. The first report stands. A row of `event` or `receipt` never changes once it is committed; a
//      step of `dispatch` goes from NULL to a time, once. So every call may be repeated, by us
//      after a crash or by another node, in any order.
//   4. A receipt has one identity for ever: whoever claims it again is told the first one.
//   5. Of a mailbox, the last setting stands, and of a component the last report; every query that
//      begins after it sees it.
//
// ALGORITHM
//
//   Writing. Calls become jobs of the BatchWriter: one thread, one connection. It waits for the
//   write lock, takes all jobs that wait, runs each within a savepoint, commits, and only then lets
//   the callers go (1). While it waits for the disk, new jobs gather: the more sessions, the fewer
//   commits for each. Nothing is ever delayed in order to gather more. A job that fails is rolled
//   back to its savepoint; a commit that fails, fails all its jobs, and the connection is made anew
//   (2).
//
//   Merging (3) is left to the primary keys: INSERT ... ON CONFLICT DO NOTHING, and for a step ON
//   CONFLICT keep the time that is there. No SELECT decides what to insert, so nothing depends on
//   being the only writer.
//
//   Claiming (4). Insert a row with the proposed identity for each recipient, in sorted order (two
//   nodes that claim the same receipt then wait for each other, never in a circle). Rows that were
//   not inserted were there before: the earliest of their identities stands, and the rows that we
//   did insert are given it, before anyone could see them. If all were inserted, the proposal
//   stands. Then the entries: where they speak of the proposed receipt and another stands, that
//   other is what the log must name, since the proposed message will never exist.
//
//   Reading uses a connection of its own, so a query never waits for a commit. It holds no statement
//   open between queries: each sees what any process has committed before it (5).
#include "ledger/sql_ledger.hpp"

#include "ledger/rows.hpp"
#include "ledger/schema.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <soci/soci.h>
#include <tuple>

namespace pec {

namespace {

using ledger::instant_of;
using ledger::seconds_of;
using soci::into;
using soci::use;

void merge(soci::session& sql, const LedgerEvent& event) {
  const std::string kind(wire_name(event.kind));
  const std::string direction = ledger::direction_text(event.direction);
  const std::string recipients = ledger::recipients_text(event.recipients);
  const long long at = seconds_of(event.at);
  sql << "INSERT INTO event (pec_id, kind, direction, recipient, at, msgid, sender, recipients,"
         " subject, provider, generated_id, error, detail)"
         " VALUES (:pec_id, :kind, :direction, :recipient, :at, :msgid, :sender, :recipients,"
         " :subject, :provider, :generated_id, :error, :detail)"
         " ON CONFLICT DO NOTHING",
      use(event.pec_id), use(kind), use(direction), use(event.recipient), use(at), use(event.msgid),
      use(event.sender), use(recipients), use(event.subject), use(event.provider),
      use(event.generated_id), use(event.error), use(event.detail);
}

std::string_view column_of(DispatchStep::Step step) {
  switch (step) {
    case DispatchStep::Step::accepted:
      return "accepted_at";
    case DispatchStep::Step::taken_in_charge:
      return "taken_in_charge_at";
    case DispatchStep::Step::delivered:
      return "delivered_at";
    case DispatchStep::Step::failed:
      return "failed_at";
  }
  throw soci::soci_error("a step of a dispatch has an unknown kind");
}

void merge(soci::session& sql, const DispatchStep& step) {
  const long long at = seconds_of(step.at);
  sql << fmt::format(
      "INSERT INTO dispatch (pec_id, recipient, {0}) VALUES (:pec_id, :recipient, :at)"
      " ON CONFLICT (pec_id, recipient) DO UPDATE SET {0} = COALESCE(dispatch.{0}, excluded.{0})",
      column_of(step.step)),
      use(step.pec_id), use(step.recipient), use(at);
}

void merge(soci::session& sql, const LedgerEntries& entries) {
  for (const auto& event : entries.events) merge(sql, event);
  for (const auto& step : entries.steps) merge(sql, step);
}

// Whether the row is ours; if not, it was there before.
bool insert_receipt(soci::session& sql, const ReceiptKey& key, const std::string& kind,
                    const std::string& recipient, const ReceiptIdentity& identity) {
  const long long at = seconds_of(identity.at);
  soci::statement insert =
      (sql.prepare << "INSERT INTO receipt (pec_id, kind, recipient, message_id, at)"
                      " VALUES (:pec_id, :kind, :recipient, :message_id, :at)"
                      " ON CONFLICT DO NOTHING",
       use(key.pec_id), use(kind), use(recipient), use(identity.message_id), use(at));
  insert.execute(true);
  return insert.get_affected_rows() == 1;
}

ReceiptIdentity identity_of(soci::session& sql, const ReceiptKey& key, const std::string& kind,
                            const std::string& recipient) {
  std::string message_id;
  long long at = 0;
  sql << "SELECT message_id, at FROM receipt"
         " WHERE pec_id = :pec_id AND kind = :kind AND recipient = :recipient",
      use(key.pec_id), use(kind), use(recipient), into(message_id), into(at);
  if (!sql.got_data()) throw soci::soci_error("a row of receipt vanished while it was claimed");
  return {message_id, instant_of(at)};
}

// See ALGORITHM, "Claiming".
ReceiptIdentity claim(soci::session& sql, const ReceiptKey& key, const ReceiptIdentity& proposed) {
  const std::string kind(wire_name(key.kind));
  std::vector<std::string> ours;
  std::vector<ReceiptIdentity> earlier;
  for (const auto& recipient : std::set(key.recipients.begin(), key.recipients.end())) {
    if (insert_receipt(sql, key, kind, recipient, proposed))
      ours.push_back(recipient);
    else
      earlier.push_back(identity_of(sql, key, kind, recipient));
  }
  if (earlier.empty()) return proposed;

  ReceiptIdentity identity = *std::min_element(
      earlier.begin(), earlier.end(), [](const ReceiptIdentity& a, const ReceiptIdentity& b) {
        return std::tie(a.at, a.message_id) < std::tie(b.at, b.message_id);
      });
  const long long at = seconds_of(identity.at);
  for (const auto& recipient : ours)
    sql << "UPDATE receipt SET message_id = :message_id, at = :at"
           " WHERE pec_id = :pec_id AND kind = :kind AND recipient = :recipient",
        use(identity.message_id), use(at), use(key.pec_id), use(kind), use(recipient);
  return identity;
}

// The entries as they are when `actual` is issued in the place of `proposed`.
LedgerEntries under_identity(LedgerEntries entries, const ReceiptIdentity& proposed,
                             const ReceiptIdentity& actual) {
  for (auto& event : entries.events) {
    if (event.generated_id != proposed.message_id) continue;
    event.generated_id = actual.message_id;
    event.at = actual.at;
  }
  for (auto& step : entries.steps)
    if (step.at == proposed.at) step.at = actual.at;
  return entries;
}

using Reader = Guarded<std::unique_ptr<soci::session>>;

// What `query` makes of the session. It must leave no statement open: see ALGORITHM, "Reading".
template <class Query>
auto read(const ledger::Database& database, Reader& reader, const Query& query)
    -> Result<decltype(query(std::declval<soci::session&>()))> {
  auto session = reader.lock();
  try {
    if (!*session) *session = database.connect();
    return query(**session);
  } catch (const std::exception& error) {
    session->reset();
    return tl::unexpected(database.explain(error));
  }
}

// `values`: what the query asks for, if anything.
template <class Row, class... Values>
Result<std::vector<Row>> select(const ledger::Database& database, Reader& reader,
                                std::string_view query, const Values&... values) {
  return read(database, reader, [&](soci::session& sql) {
    const soci::rowset<Row> rows = ((sql.prepare << query), ..., use(values));
    return std::vector<Row>(rows.begin(), rows.end());
  });
}

}  // namespace

Result<std::unique_ptr<SqlLedger>> SqlLedger::open(std::string_view connection,
                                                   std::chrono::seconds patience) {
  const auto database = ledger::Database::at(connection, patience);
  if (!database) return tl::unexpected(database.error());
  if (const auto ready = ledger::prepare_schema(*database); !ready)
    return tl::unexpected(ready.error());
  return std::unique_ptr<SqlLedger>(new SqlLedger(*database));
}

SqlLedger::SqlLedger(const ledger::Database& database) : database_(database), writer_(database) {}

SqlLedger::~SqlLedger() = default;

Result<void> SqlLedger::record(const LedgerEntries& entries) {
  if (entries.empty()) return {};
  return writer_.run([&](soci::session& sql) { merge(sql, entries); });
}

Result<ReceiptIdentity> SqlLedger::claim_receipt(const ReceiptKey& key,
                                                 const ReceiptIdentity& proposed,
                                                 const LedgerEntries& entries) {
  if (key.recipients.empty()) return internal_error("a receipt was claimed for no recipient");
  ReceiptIdentity identity;
  const auto done = writer_.run([&](soci::session& sql) {
    identity = claim(sql, key, proposed);
    merge(sql, under_identity(entries, proposed, identity));
  });
  if (!done) return tl::unexpected(done.error());
  return identity;
}

Result<bool> SqlLedger::is_closed(const std::string& mailbox) const {
  return read(database_, reader_, [&](soci::session& sql) {
    int closed = 0;
    sql << "SELECT closed FROM mailbox WHERE address = :address", use(mailbox), into(closed);
    return sql.got_data() && closed != 0;
  });
}

Result<void> SqlLedger::set_closed(const std::string& mailbox, bool closed) {
  const int flag = closed ? 1 : 0;
  return writer_.run([&](soci::session& sql) {
    sql << "INSERT INTO mailbox (address, closed) VALUES (:address, :closed)"
           " ON CONFLICT (address) DO UPDATE SET closed = excluded.closed",
        use(mailbox), use(flag);
  });
}

Result<void> SqlLedger::note_state(const ComponentState& state) {
  const int good = state.good ? 1 : 0;
  const long long at = seconds_of(state.at);
  return writer_.run([&](soci::session& sql) {
    sql << "INSERT INTO state (node, component, good, text, at)"
           " VALUES (:node, :component, :good, :text, :at)"
           " ON CONFLICT (node, component) DO UPDATE"
           " SET good = excluded.good, text = excluded.text, at = excluded.at"
           " WHERE state.good <> excluded.good OR state.text <> excluded.text",
        use(state.node), use(state.component), use(good), use(state.text), use(at);
  });
}

Result<std::vector<LedgerEvent>> SqlLedger::events_of(const std::string& pec_id) const {
  return select<LedgerEvent>(database_, reader_,
                             "SELECT * FROM event WHERE pec_id = :pec_id"
                             " ORDER BY at, kind, direction, recipient",
                             pec_id);
}

Result<std::vector<Dispatch>> SqlLedger::dispatches_of(const std::string& pec_id) const {
  return select<Dispatch>(database_, reader_,
                          "SELECT * FROM dispatch WHERE pec_id = :pec_id ORDER BY recipient",
                          pec_id);
}

Result<std::vector<ComponentState>> SqlLedger::states() const {
  return select<ComponentState>(database_, reader_, "SELECT * FROM state ORDER BY node, component");
}

}  // namespace pec

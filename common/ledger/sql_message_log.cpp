// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/sql_message_log.hpp"

#include "ledger/entries.hpp"
#include "ledger/message_log.hpp"
#include "ledger/storable.hpp"
#include "ledger/store.hpp"
#include "mime/address.hpp"

#include <fmt/format.h>

namespace pec::ledger {

namespace {

using soci::into;
using soci::use;

Recipients recipients_of(soci::session& sql, long long message) {
  return rows<Recipient>(sql,
                         "SELECT address, certified FROM party"
                         " WHERE message = :message AND position > 0 ORDER BY position",
                         message);
}

// The lines of message_log that `condition` selects. Lines of one message mostly share their
// recipients.
std::vector<LedgerEvent> select_lines(soci::session& sql, std::string_view condition,
                                      const std::string& pec_id, const std::string& kind) {
  auto lines = rows<StoredLine>(sql, fmt::format("SELECT * FROM message_log WHERE {}", condition),
                                pec_id, kind);
  std::vector<LedgerEvent> events;
  const StoredLine* with_recipients = nullptr;
  for (auto& line : lines) {
    line.event.recipients = with_recipients && with_recipients->message == line.message
                                ? events.back().recipients
                                : recipients_of(sql, line.message);
    with_recipients = &line;
    events.push_back(line.event);
  }
  return events;
}

}  // namespace

// Each part has an index of its own (schema.cpp). It repeats the index's condition word for word;
// otherwise the database does not use the index.
std::string due_notices_query() {
  return fmt::format(
      "SELECT pec_id, recipient, '{final}' AS kind, accepted_at FROM dispatch"
      " WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL"
      " AND accepted_at <= :final AND timeout_sent = 0"
      " UNION ALL "
      "SELECT pec_id, recipient, '{final}', accepted_at FROM dispatch"
      " WHERE timed_out_at IS NOT NULL AND timeout_sent = 0"
      " UNION ALL "
      "SELECT pec_id, recipient, '{early}', accepted_at FROM dispatch"
      " WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL"
      " AND accepted_at > :after AND accepted_at <= :early"
      " AND taken_in_charge_at IS NULL AND warned_at IS NULL AND warning_sent = 0"
      " UNION ALL "
      "SELECT pec_id, recipient, '{early}', accepted_at FROM dispatch"
      " WHERE warned_at IS NOT NULL AND warning_sent = 0"
      " ORDER BY accepted_at, pec_id, recipient, kind LIMIT :most",
      fmt::arg("final", log_name(EventKind::timeout_notice)),
      fmt::arg("early", log_name(EventKind::early_notice)));
}

Result<void> SqlMessageLog::record(const LedgerEntries& entries) {
  if (entries.empty()) return {};
  const auto stored = storable(entries);
  return store_->write([&](soci::session& sql) { enter(sql, stored); });
}

Result<std::optional<LedgerEvent>> SqlMessageLog::envelope_event(const std::string& pec_id) const {
  return store_->read([&](soci::session& sql) -> std::optional<LedgerEvent> {
    const auto found = select_lines(
        sql,
        "pec_id = :pec_id AND kind = :kind ORDER BY direction, recipient LIMIT 1",  // issued first
        storable(pec_id), std::string(log_name(EventKind::transport_envelope)));
    return found.empty() ? std::nullopt : std::optional(found.front());
  });
}

Result<std::vector<LoggedMessage>> SqlMessageLog::logged_messages(const std::string& pec_id,
                                                                  EventKind kind) const {
  return store_->read(
      [&](soci::session& sql) { return ledger::logged_messages(sql, storable(pec_id), kind); });
}

Result<std::optional<ReceiptIdentity>> SqlMessageLog::issued_receipt(const ReceiptKey& key) const {
  if (key.recipients.empty()) return internal_error("a receipt was asked for of no recipient");
  const auto stored = storable(key);
  return store_->read([&](soci::session& sql) {
    return issued(sql, stored.pec_id, stored.kind, stored.recipients.front());
  });
}

Result<std::optional<DispatchStep::Step>> SqlMessageLog::end_of_dispatch(
    const std::string& pec_id, const std::string& recipient) const {
  return store_->read([&](soci::session& sql) -> std::optional<DispatchStep::Step> {
    const auto dispatch = dispatch_of(sql, storable(pec_id), storable(recipient));
    return dispatch ? end_of(*dispatch) : std::nullopt;
  });
}

Result<std::optional<std::string>> SqlMessageLog::to_answer(const std::string& user,
                                                            const std::string& message_id,
                                                            Instant since) const {
  const std::string mailbox = storable(user), answered = storable(message_id),
                    envelope(log_name(EventKind::transport_envelope));
  const long long at = seconds_of(since);
  return store_->read([&](soci::session& sql) -> std::optional<std::string> {
    std::string kind, recipient, sender;
    sql << "SELECT event.kind, event.recipient, message.sender FROM party"
           " JOIN message ON message.id = party.message"
           " JOIN event ON event.number = message.number"
           " WHERE party.mailbox = :mailbox AND party.at > :since"
           " AND event.generated_id = :message_id ORDER BY event.kind LIMIT 1",
        use(mailbox), use(at), use(answered), into(kind), into(recipient), into(sender);
    if (!sql.got_data()) return std::nullopt;
    // The recipient of a message answers its sender. The sender answers the recipient that the
    // receipt is about.
    if (kind == envelope || !mime::same_address(sender, mailbox)) return sender;
    return recipient.empty() ? std::nullopt : std::optional(recipient);
  });
}

Result<std::vector<LedgerEvent>> SqlMessageLog::events_of(const std::string& pec_id) const {
  return store_->read([&](soci::session& sql) {
    return select_lines(
        sql, "pec_id = :pec_id AND kind <> :kind ORDER BY at, kind, direction, recipient",
        storable(pec_id), "");
  });
}

Result<std::vector<Dispatch>> SqlMessageLog::dispatches_of(const std::string& pec_id) const {
  return store_->select<Dispatch>(
      "SELECT * FROM dispatch WHERE pec_id = :pec_id ORDER BY recipient", storable(pec_id));
}

Result<std::vector<DueNotice>> SqlMessageLog::due_notices(Instant early_before,
                                                          Instant final_before,
                                                          std::size_t most) const {
  return store_->select<DueNotice>(due_notices_query(), final_before, final_before, early_before,
                                   most);
}

Result<void> SqlMessageLog::mark_sent(const std::vector<DueNotice>& notices) {
  if (notices.empty()) return {};
  return store_->write([&](soci::session& sql) {
    for (const auto& notice : notices)
      run(sql,
          fmt::format(
              "UPDATE dispatch SET {} = 1 WHERE pec_id = :pec_id AND recipient = :recipient",
              notice.kind == EventKind::early_notice ? "warning_sent" : "timeout_sent"),
          notice.pec_id, notice.recipient);
  });
}

Result<std::vector<Incident>> SqlMessageLog::incidents(bool all) const {
  return store_->select<Incident>(fmt::format(
      "SELECT what, pec_id, recipient, at, event_at, detail, substr(copy, 1, 64) AS copy,"
      " resolved_at FROM incident {} ORDER BY at, what, pec_id, recipient",
      all ? "" : "WHERE resolved_at IS NULL"));
}

Result<std::vector<Incident>> SqlMessageLog::incidents_of(const std::string& pec_id) const {
  return store_->select<Incident>(
      "SELECT * FROM incident WHERE pec_id = :pec_id AND resolved_at IS NULL"
      " ORDER BY at, what, recipient",
      storable(pec_id));
}

Result<void> SqlMessageLog::resolve_incident(const Incident& incident, Instant at) {
  return store_->write([&](soci::session& sql) {
    run(sql,
        "UPDATE incident SET resolved_at = :resolved WHERE what = :what AND pec_id = :pec_id"
        " AND recipient = :recipient AND at = :at AND resolved_at IS NULL",
        at, incident.what, incident.pec_id, incident.recipient, incident.at);
  });
}

}  // namespace pec::ledger

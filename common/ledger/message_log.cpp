// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/message_log.hpp"

#include "ledger/rows.hpp"
#include "mime/address.hpp"
#include "mime/digest.hpp"

#include <fmt/format.h>

namespace pec::ledger {

namespace {

using soci::into;
using soci::use;

constexpr std::size_t digest_digits = 32;

// Covers all that `message` and `party` hold of it. A storable text has no NUL, so the digest is
// unambiguous.
std::string digest_of(const LedgerEvent& event) {
  std::string all;
  const auto add = [&](std::string_view text) { all.append(text).push_back('\0'); };
  for (const auto* text : {&event.msgid, &event.sender, &event.reply_to, &event.subject})
    add(*text);
  for (const auto& recipient : event.recipients) {
    add(recipient.certified ? "certificato" : "esterno");
    add(recipient.address);
  }
  return mime::sha256_hex(all).substr(0, digest_digits);
}

// Whether two lines surely share a row of `message`. Does not compare recipient by recipient.
bool certify_alike(const LedgerEvent& a, const LedgerEvent& b) {
  return a.recipients.shares_with(b.recipients) && a.pec_id == b.pec_id && a.msgid == b.msgid &&
         a.sender == b.sender && a.reply_to == b.reply_to && a.subject == b.subject;
}

// A message's number: the id of its first row. Nothing if the message is unknown.
std::optional<long long> number_of(soci::session& sql, const std::string& pec_id) {
  long long number = 0;
  soci::indicator known{};
  sql << "SELECT MIN(number) FROM message WHERE pec_id = :pec_id", use(pec_id), into(number, known);
  return known == soci::i_null ? std::nullopt : std::optional(number);
}

struct MessageRow {
  long long id = 0, number = 0;
};

std::optional<MessageRow> find_message(soci::session& sql, const std::string& pec_id,
                                       const std::string& digest) {
  MessageRow row;
  sql << "SELECT id, number FROM message WHERE pec_id = :pec_id AND digest = :digest", use(pec_id),
      use(digest), into(row.id), into(row.number);
  return sql.got_data() ? std::optional(row) : std::nullopt;
}

// Position 0 is the sender, if there was one.
void enter_party(soci::session& sql, long long message, int position, const std::string& address,
                 bool certified, Instant at) {
  run(sql,
      "INSERT INTO party (message, position, address, mailbox, certified, at)"
      " VALUES (:message, :position, :address, :mailbox, :certified, :at)",
      message, position, address, mime::canonical_address(address), certified, at);
}

MessageRow enter_message(soci::session& sql, const LedgerEvent& event, const std::string& digest) {
  MessageRow row;
  sql << "SELECT COALESCE(MAX(id), 0) + 1 FROM message", into(row.id);
  row.number = number_of(sql, event.pec_id).value_or(row.id);
  run(sql,
      "INSERT INTO message (id, number, pec_id, digest, msgid, sender, reply_to, subject)"
      " VALUES (:id, :number, :pec_id, :digest, :msgid, :sender, :reply_to, :subject)",
      row.id, row.number, event.pec_id, digest, event.msgid, event.sender, event.reply_to,
      event.subject);
  if (!event.sender.empty()) enter_party(sql, row.id, 0, event.sender, true, event.at);
  int position = 0;
  for (const auto& recipient : event.recipients)
    enter_party(sql, row.id, ++position, recipient.address, recipient.certified, event.at);
  return row;
}

bool is_entered(soci::session& sql, long long number, const LedgerEvent& event) {
  return any(sql,
             "SELECT 1 FROM event WHERE number = :number AND kind = :kind"
             " AND direction = :direction AND recipient = :recipient",
             number, event.kind, event.direction, event.recipient);
}

// A received receipt may have the same key as an earlier one. It gets a further line if its
// Message-ID is another one. Of many, only the first ones get a line.
bool has_further_line(soci::session& sql, long long number, const LedgerEvent& event) {
  if (event.direction != Direction::received || event.kind == EventKind::transport_envelope ||
      event.kind == EventKind::refusal || event.generated_id.empty())
    return false;
  const auto same = first<long long>(
      sql,
      "SELECT COUNT(*) FROM event WHERE number = :number AND kind = :kind"
      " AND direction = 'received' AND recipient = :recipient AND generated_id = :generated_id",
      number, event.kind, event.recipient, event.generated_id);
  const auto all = first<long long>(sql,
                                    "SELECT COUNT(*) FROM event_again WHERE number = :number"
                                    " AND kind = :kind AND recipient = :recipient",
                                    number, event.kind, event.recipient);
  return same == 0 && all.value() + 1 < most_lines_of_a_receipt;
}

void enter_line(soci::session& sql, std::string_view table, const MessageRow& row,
                const LedgerEvent& event) {
  run(sql,
      fmt::format("INSERT INTO {} (number, kind, direction, recipient, message, at, provider,"
                  " generated_id, identity, error, detail)"
                  " VALUES (:number, :kind, :direction, :recipient, :message, :at, :provider,"
                  " :generated_id, :identity, :error, :detail) ON CONFLICT DO NOTHING",
                  table),
      row.number, event.kind, event.direction, event.recipient, row.id, event.at, event.provider,
      event.generated_id, event.identity, event.error, event.detail);
}

// An earlier program's lines do not identify the message. The identity is added once it is known.
void add_identity(soci::session& sql, long long number, const LedgerEvent& event) {
  if (event.identity.empty()) return;
  run(sql,
      "UPDATE event SET identity = :identity WHERE number = :number AND kind = :kind"
      " AND direction = :direction AND recipient = :recipient AND identity = ''",
      event.identity, number, event.kind, event.direction, event.recipient);
}

}  // namespace

void enter(soci::session& sql, const std::vector<LedgerEvent>& events) {
  const LedgerEvent* before = nullptr;
  std::string digest;
  std::optional<MessageRow> row;
  for (const auto& event : events) {
    if (!before || !certify_alike(*before, event)) {
      digest = digest_of(event);
      row = find_message(sql, event.pec_id, digest);
    }
    before = &event;
    const auto number = row ? row->number : number_of(sql, event.pec_id).value_or(0);
    const bool is_known = is_entered(sql, number, event);
    if (is_known) {
      add_identity(sql, number, event);
      if (!has_further_line(sql, number, event)) continue;
    }
    if (!row) row = enter_message(sql, event, digest);
    enter_line(sql, is_known ? "event_again" : "event", *row, event);
  }
}

std::vector<LoggedMessage> logged_messages(soci::session& sql, const std::string& pec_id,
                                           EventKind kind) {
  const auto number = number_of(sql, pec_id);
  if (!number) return {};
  // Of other kinds, the messages that we issued are found by issued().
  const std::string direction = kind == EventKind::transport_envelope ? "" : "issued";
  return rows<LoggedMessage>(
      sql,
      "SELECT recipient, identity, at, generated_id FROM event"
      " WHERE number = :number AND kind = :kind AND direction <> :direction"
      " UNION ALL SELECT recipient, identity, at, generated_id FROM event_again"
      " WHERE number = :number_again AND kind = :kind_again",
      *number, kind, direction, *number, kind);
}

bool has_other_envelope(soci::session& sql, const LedgerEvent& receipt) {
  const auto number = number_of(sql, receipt.pec_id);
  if (!number) return false;
  return any(sql,
             "SELECT 1 FROM event WHERE number = :number AND recipient = :recipient"
             " AND identity <> '' AND identity <> :identity"
             " AND (direction = 'issued' OR kind = :envelope) LIMIT 1",
             *number, receipt.recipient, receipt.identity, EventKind::transport_envelope);
}

std::optional<ReceiptIdentity> issued(soci::session& sql, const std::string& pec_id, EventKind kind,
                                      const std::string& recipient) {
  return first<ReceiptIdentity>(
      sql,
      "SELECT generated_id, at FROM event WHERE kind = :kind AND direction = 'issued'"
      " AND recipient = :recipient"
      " AND number = (SELECT MIN(number) FROM message WHERE pec_id = :pec_id)",
      kind, recipient, pec_id);
}

std::set<std::string> issued_to(soci::session& sql, const std::string& pec_id, EventKind kind,
                                const std::string& message_id) {
  const auto found =
      rows<std::string>(sql,
                        "SELECT recipient FROM event WHERE kind = :kind AND direction = 'issued'"
                        " AND generated_id = :message_id"
                        " AND number = (SELECT MIN(number) FROM message WHERE pec_id = :pec_id)",
                        kind, message_id, pec_id);
  return {found.begin(), found.end()};
}

}  // namespace pec::ledger

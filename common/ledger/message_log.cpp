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

// Over all that `message` and `party` hold of it. A storable text has no NUL, so nothing is ambiguous.
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

// Whether two lines have one row of `message`, as far as that is known without comparing recipients.
bool certify_alike(const LedgerEvent& a, const LedgerEvent& b) {
  return a.recipients.shares_with(b.recipients) && a.pec_id == b.pec_id && a.msgid == b.msgid &&
         a.sender == b.sender && a.reply_to == b.reply_to && a.subject == b.subject;
}

// A message's number: that of the first row about it. Nothing is known of the message: nothing.
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
                 bool certified, long long at) {
  const std::string mailbox = mime::canonical_address(address);
  const int is_certified = certified ? 1 : 0;
  sql << "INSERT INTO party (message, position, address, mailbox, certified, at)"
         " VALUES (:message, :position, :address, :mailbox, :certified, :at)",
      use(message), use(position), use(address), use(mailbox), use(is_certified), use(at);
}

MessageRow enter_message(soci::session& sql, const LedgerEvent& event, const std::string& digest) {
  MessageRow row;
  sql << "SELECT COALESCE(MAX(id), 0) + 1 FROM message", into(row.id);
  row.number = number_of(sql, event.pec_id).value_or(row.id);
  sql << "INSERT INTO message (id, number, pec_id, digest, msgid, sender, reply_to, subject)"
         " VALUES (:id, :number, :pec_id, :digest, :msgid, :sender, :reply_to, :subject)",
      use(row.id), use(row.number), use(event.pec_id), use(digest), use(event.msgid),
      use(event.sender), use(event.reply_to), use(event.subject);
  const long long at = seconds_of(event.at);
  if (!event.sender.empty()) enter_party(sql, row.id, 0, event.sender, true, at);
  int position = 0;
  for (const auto& recipient : event.recipients)
    enter_party(sql, row.id, ++position, recipient.address, recipient.certified, at);
  return row;
}

bool is_entered(soci::session& sql, long long number, const std::string& kind,
                const std::string& direction, const std::string& recipient) {
  int any = 0;
  sql << "SELECT 1 FROM event WHERE number = :number AND kind = :kind AND direction = :direction"
         " AND recipient = :recipient",
      use(number), use(kind), use(direction), use(recipient), into(any);
  return sql.got_data();
}

// A receipt that came is the same by its key as one that came before: it has a line all the same if it came
// under another Message-ID. Of one that comes again and again the first ones have.
bool has_further_line(soci::session& sql, long long number, const LedgerEvent& event) {
  if (event.direction != Direction::received || event.kind == EventKind::transport_envelope ||
      event.kind == EventKind::refusal || event.generated_id.empty())
    return false;
  const std::string kind(log_name(event.kind));
  int same = 0, all = 0;
  sql << "SELECT COUNT(*) FROM event WHERE number = :number AND kind = :kind"
         " AND direction = 'received' AND recipient = :recipient AND generated_id = :generated_id",
      use(number), use(kind), use(event.recipient), use(event.generated_id), into(same);
  sql << "SELECT COUNT(*) FROM event_again WHERE number = :number AND kind = :kind"
         " AND recipient = :recipient",
      use(number), use(kind), use(event.recipient), into(all);
  return same == 0 && all + 1 < most_lines_of_a_receipt;
}

void enter_line(soci::session& sql, std::string_view table, const MessageRow& row,
                const LedgerEvent& event) {
  const std::string kind(log_name(event.kind)), direction = direction_text(event.direction);
  const long long at = seconds_of(event.at);
  sql << fmt::format(
      "INSERT INTO {} (number, kind, direction, recipient, message, at, provider,"
      " generated_id, identity, error, detail)"
      " VALUES (:number, :kind, :direction, :recipient, :message, :at, :provider,"
      " :generated_id, :identity, :error, :detail) ON CONFLICT DO NOTHING",
      table),
      use(row.number), use(kind), use(direction), use(event.recipient), use(row.id), use(at),
      use(event.provider), use(event.generated_id), use(event.identity), use(event.error),
      use(event.detail);
}

// A line of an earlier program did not say what the message is. Once that is known, it is told.
void add_identity(soci::session& sql, long long number, const LedgerEvent& event) {
  if (event.identity.empty()) return;
  const std::string kind(log_name(event.kind)), direction = direction_text(event.direction);
  sql << "UPDATE event SET identity = :identity WHERE number = :number AND kind = :kind"
         " AND direction = :direction AND recipient = :recipient AND identity = ''",
      use(event.identity), use(number), use(kind), use(direction), use(event.recipient);
}

Recipients recipients_of(soci::session& sql, long long message) {
  const soci::rowset<Recipient> rows =
      (sql.prepare << "SELECT address, certified FROM party"
                      " WHERE message = :message AND position > 0 ORDER BY position",
       use(message));
  return std::vector<Recipient>(rows.begin(), rows.end());
}

// What `condition` selects of message_log. Lines of one message mostly share their recipients.
std::vector<LedgerEvent> select_lines(soci::session& sql, std::string_view condition,
                                      const std::string& pec_id, const std::string& kind) {
  std::vector<StoredLine> lines;
  {
    const soci::rowset<StoredLine> rows =
        (sql.prepare << fmt::format("SELECT * FROM message_log WHERE {}", condition),
         use(pec_id, "pec_id"), use(kind, "kind"));
    lines.assign(rows.begin(), rows.end());
  }
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
    const std::string kind(log_name(event.kind));
    const std::string direction = direction_text(event.direction);
    const auto number = row ? row->number : number_of(sql, event.pec_id).value_or(0);
    if (is_entered(sql, number, kind, direction, event.recipient)) {
      add_identity(sql, number, event);
      if (!has_further_line(sql, number, event)) continue;
      if (!row) row = enter_message(sql, event, digest);
      enter_line(sql, "event_again", *row, event);
      continue;
    }
    if (!row) row = enter_message(sql, event, digest);
    enter_line(sql, "event", *row, event);
  }
}

std::vector<LedgerEvent> lines_of(soci::session& sql, const std::string& pec_id) {
  return select_lines(sql,
                      "pec_id = :pec_id AND kind <> :kind ORDER BY at, kind, direction, recipient",
                      pec_id, "");
}

std::optional<LedgerEvent> envelope_line(soci::session& sql, const std::string& pec_id) {
  const auto found = select_lines(
      sql,
      "pec_id = :pec_id AND kind = :kind ORDER BY direction, recipient LIMIT 1",  // issued first
      pec_id, std::string(log_name(EventKind::transport_envelope)));
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<LoggedMessage> logged_messages(soci::session& sql, const std::string& pec_id,
                                           EventKind kind) {
  const auto number = number_of(sql, pec_id);
  if (!number) return {};
  const std::string name(log_name(kind));
  // What we issue of any other kind is ours to know by issued().
  const std::string direction = kind == EventKind::transport_envelope ? "" : "issued";
  const soci::rowset<LoggedMessage> rows =
      (sql.prepare << "SELECT recipient, identity, at, generated_id FROM event"
                      " WHERE number = :number AND kind = :kind AND direction <> :direction"
                      " UNION ALL SELECT recipient, identity, at, generated_id FROM event_again"
                      " WHERE number = :number_again AND kind = :kind_again",
       use(*number, "number"), use(name, "kind"), use(direction, "direction"),
       use(*number, "number_again"), use(name, "kind_again"));
  return {rows.begin(), rows.end()};
}

bool has_other_envelope(soci::session& sql, const LedgerEvent& receipt) {
  const auto number = number_of(sql, receipt.pec_id);
  if (!number) return false;
  const std::string envelope(log_name(EventKind::transport_envelope));
  int any = 0;
  sql << "SELECT 1 FROM event WHERE number = :number AND recipient = :recipient"
         " AND identity <> '' AND identity <> :identity"
         " AND (direction = 'issued' OR kind = :envelope) LIMIT 1",
      use(*number), use(receipt.recipient), use(receipt.identity), use(envelope), into(any);
  return sql.got_data();
}

std::optional<std::string> to_answer(soci::session& sql, const std::string& user,
                                     const std::string& message_id, Instant since) {
  const long long at = seconds_of(since);
  const std::string envelope(log_name(EventKind::transport_envelope));
  std::string kind, recipient, sender;
  sql << "SELECT event.kind, event.recipient, message.sender FROM party"
         " JOIN message ON message.id = party.message"
         " JOIN event ON event.number = message.number"
         " WHERE party.mailbox = :mailbox AND party.at > :since"
         " AND event.generated_id = :message_id ORDER BY event.kind LIMIT 1",
      use(user), use(at), use(message_id), into(kind), into(recipient), into(sender);
  if (!sql.got_data()) return std::nullopt;
  // Who got the message answers its sender; the sender answers whom the receipt speaks of.
  if (kind == envelope || !mime::same_address(sender, user)) return sender;
  return recipient.empty() ? std::nullopt : std::optional(recipient);
}

std::optional<ReceiptIdentity> issued(soci::session& sql, const std::string& pec_id, EventKind kind,
                                      const std::string& recipient) {
  const std::string name(log_name(kind));
  std::string message_id;
  long long at = 0;
  sql << "SELECT generated_id, at FROM event WHERE kind = :kind AND direction = 'issued'"
         " AND recipient = :recipient"
         " AND number = (SELECT MIN(number) FROM message WHERE pec_id = :pec_id)",
      use(name), use(recipient), use(pec_id), into(message_id), into(at);
  if (!sql.got_data()) return std::nullopt;
  return ReceiptIdentity{message_id, instant_of(at)};
}

std::set<std::string> issued_to(soci::session& sql, const std::string& pec_id, EventKind kind,
                                const std::string& message_id) {
  const std::string name(log_name(kind));
  const soci::rowset<std::string> rows =
      (sql.prepare << "SELECT recipient FROM event WHERE kind = :kind AND direction = 'issued'"
                      " AND generated_id = :message_id"
                      " AND number = (SELECT MIN(number) FROM message WHERE pec_id = :pec_id)",
       use(name), use(message_id), use(pec_id));
  return {rows.begin(), rows.end()};
}

}  // namespace pec::ledger

// SPDX-License-Identifier: GPL-2.0-or-later

// Turns the ledger's values into columns, and rows into values. Only this library's .cpp files
// include this.
//
//     run(sql, "UPDATE incident SET at = :at WHERE what = :what", incident.at, incident.what);
//     const auto found = rows<Incident>(sql, "SELECT * FROM incident WHERE what = :what", what);
//
// Throws soci::soci_error, which says why, if a value can't be a row, or a row can't be a value
// (somebody else wrote it). SOCI's conversions are used for reading only: those for writing leak
// what they hold when a statement fails before it is run.
#pragma once

#include "base/name_table.hpp"
#include "base/text.hpp"
#include "directory/domain_history.hpp"
#include "ledger/records.hpp"
#include "mime/encoder.hpp"
#include "pec/alias_delivery.hpp"

#include <optional>
#include <soci/soci.h>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pec::ledger {

inline long long seconds_of(Instant at) {
  return at.time_since_epoch().count();
}
inline Instant instant_of(long long seconds) {
  return Instant{std::chrono::seconds{seconds}};
}

inline constexpr NameTable<Direction, 2> directions{{
    {Direction::issued, "issued"},
    {Direction::received, "received"},
}};

inline constexpr NameTable<SpamLevel, 3> spam_levels{{
    {SpamLevel::not_spam, "not spam"},
    {SpamLevel::suspected, "suspected"},
    {SpamLevel::spam, "spam"},
}};

// A value as a column holds it.
template <class Value>
decltype(auto) column(const Value& value) {
  if constexpr (std::is_same_v<Value, bool>)
    return int{value};
  else if constexpr (std::is_integral_v<Value>)
    return static_cast<long long>(value);
  else if constexpr (std::is_same_v<Value, Instant>)
    return seconds_of(value);
  else if constexpr (std::is_same_v<Value, EventKind>)
    return std::string(log_name(value));
  else if constexpr (std::is_same_v<Value, Direction>)
    return std::string(name_in(directions, value));
  else if constexpr (std::is_same_v<Value, SpamLevel>)
    return std::string(name_in(spam_levels, value));
  else if constexpr (std::is_same_v<Value, std::string>)
    return (value);
  else
    return std::string(value);
}

// A line of message_log without its recipients, and the row of `message` that they belong to.
struct StoredLine {
  LedgerEvent event;
  long long message = 0;
};

// The same from an earlier program's log (log_conversion.hpp).
struct OldLine {
  LedgerEvent event;
  std::string recipients;
};

// A row, read by the names of its columns.
struct Columns {
  const soci::values& row;

  std::string text(const char* column) const { return row.get<std::string>(column); }
  long long number(const char* column) const { return row.get<long long>(column); }
  std::uint64_t count(const char* column) const {
    return static_cast<std::uint64_t>(number(column));
  }
  bool flag(const char* column) const { return row.get<int>(column) != 0; }
  Instant time(const char* column) const { return instant_of(number(column)); }
  std::optional<Instant> time_if_any(const char* column) const {
    if (row.get_indicator(column) == soci::i_null) return std::nullopt;
    return time(column);
  }
};

// The meaning of a column's text; throws `problem` if it has none.
template <class Value>
Value known(std::optional<Value> value, const char* problem) {
  if (!value) throw soci::soci_error(problem);
  return *value;
}

// The columns that a line of the log has had in every version of the schema.
inline void fill(LedgerEvent& event, const Columns& row) {
  event.pec_id = row.text("pec_id");
  event.kind = known(event_kind_from_log(row.text("kind")), "a row of event has an unknown kind");
  event.direction =
      known(value_in(directions, row.text("direction")), "a row of event has an unknown direction");
  event.recipient = row.text("recipient");
  event.at = row.time("at");
  event.msgid = row.text("msgid");
  event.sender = row.text("sender");
  event.reply_to = row.text("reply_to");
  event.subject = row.text("subject");
  event.provider = row.text("provider");
  event.generated_id = row.text("generated_id");
  event.error = row.text("error");
  event.detail = row.text("detail");
}

inline void fill(OldLine& line, const Columns& row) {
  fill(line.event, row);
  line.recipients = row.text("recipients");
}

inline void fill(StoredLine& line, const Columns& row) {
  fill(line.event, row);
  line.event.identity = row.text("identity");
  line.message = row.number("message");
}

inline void fill(Recipient& recipient, const Columns& row) {
  recipient = {row.text("address"), row.flag("certified")};
}

inline void fill(ReceiptIdentity& identity, const Columns& row) {
  identity = {row.text("generated_id"), row.time("at")};
}

inline void fill(LoggedMessage& message, const Columns& row) {
  message = {row.text("recipient"), row.text("identity"), row.time("at"), row.text("generated_id")};
}

inline void fill(Dispatch& dispatch, const Columns& row) {
  dispatch = {.pec_id = row.text("pec_id"),
              .recipient = row.text("recipient"),
              .accepted = row.time_if_any("accepted_at"),
              .taken_in_charge = row.time_if_any("taken_in_charge_at"),
              .delivered = row.time_if_any("delivered_at"),
              .failed = row.time_if_any("failed_at"),
              .warned = row.time_if_any("warned_at"),
              .timed_out = row.time_if_any("timed_out_at")};
}

inline void fill(AliasMailbox& mailbox, const Columns& row) {
  mailbox = {row.text("tag"), row.text("mailbox"), row.time_if_any("delivered_at"),
             row.flag("completes")};
}

inline void fill(DueNotice& notice, const Columns& row) {
  notice = {row.text("pec_id"), row.text("recipient"),
            event_kind_from_log(row.text("kind")).value()};
}

inline void fill(Incident& incident, const Columns& row) {
  incident = {.what = row.text("what"),
              .pec_id = row.text("pec_id"),
              .recipient = row.text("recipient"),
              .at = row.time("at"),
              .event_at = row.time("event_at"),
              .detail = row.text("detail"),
              .copy = mime::decode_base64(row.text("copy")),
              .resolved = row.time_if_any("resolved_at")};
}

inline void fill(MailboxStatus& status, const Columns& row) {
  status = {
      .state = known(state_of_name(row.text("state")), "a row of mailbox has an unknown state"),
      .closed = row.flag("closed"),
      .since = row.time("since"),
      .reason = row.text("reason"),
      .renamed_to = row.text("renamed_to")};
}

inline void fill(Mailbox& mailbox, const Columns& row) {
  mailbox.address = row.text("address");
  fill(mailbox.status, row);
  mailbox.created = row.time_if_any("created_at");
  mailbox.holder = row.text("holder");
  mailbox.contacts = row.text("contacts");
  mailbox.home = row.text("home");
  mailbox.password = row.text("password");
}

inline void fill(MailboxEvent& event, const Columns& row) {
  event = {row.text("address"), row.time("at"), row.text("what"), row.text("detail")};
}

inline void fill(SentMessage& submission, const Columns& row) {
  submission = {.pec_id = row.text("pec_id"),
                .login = row.text("login"),
                .at = row.time("at"),
                .recipients = row.count("recipients"),
                .level = known(value_in(spam_levels, row.text("level")),
                               "a row of submission has an unknown level"),
                .fingerprint = row.text("fingerprint"),
                .infected_octets = row.count("infected_octets"),
                .accepted = row.flag("accepted")};
}

inline void fill(ManagedDomain& domain, const Columns& row) {
  domain = {row.text("name"), row.text("unit"), row.time("added_at")};
}

inline void fill(Count& count, const Columns& row) {
  count = {row.text("node"), row.text("name"), row.count("count")};
}

inline void fill(ComponentState& state, const Columns& row) {
  state = {row.text("node"), row.text("component"), row.flag("good"), row.text("text"),
           row.time("at")};
}

inline void fill(FailedLogins& failures, const Columns& row) {
  failures = {row.text("account"), row.text("network"), row.time("since"), row.count("failed")};
}

inline void fill(directory::FormerDomains& former, const Columns& row) {
  former = {row.text("provider"), row.time("until"), {}};
  const auto domains = row.text("domains");  // one in a line
  if (domains.empty()) return;
  const auto lines = text::split(domains, '\n');
  former.domains.assign(lines.begin(), lines.end());
}

inline void fill(directory::FormerCertificate& former, const Columns& row) {
  former = {{row.text("digest"), {}}, row.time("until")};
  former.was.owner.name = row.text("provider");
  former.was.owner.unit = row.text("unit");
  former.was.owner.mail_receipt = row.text("mail_receipt");
}

}  // namespace pec::ledger

namespace soci {

// For every type that has a fill() above.
template <class Value>
requires requires(Value& value, const pec::ledger::Columns& row) {
  pec::ledger::fill(value, row);
}
struct type_conversion<Value, void> {
  using base_type = values;

  static void from_base(const values& row, indicator, Value& value) {
    pec::ledger::fill(value, pec::ledger::Columns{row});
  }
};

}  // namespace soci

namespace pec::ledger {

// SOCI reads the values that a statement uses when it runs, at the end of the expression. So each
// of these functions keeps the columns alive until then, as arguments.

template <class... Values>
void run(soci::session& sql, std::string_view statement, const Values&... values) {
  [&](const auto&... columns) { ((sql << statement), ..., soci::use(columns)); }(column(values)...);
}

template <class Row, class... Values>
std::vector<Row> rows(soci::session& sql, std::string_view query, const Values&... values) {
  return [&](const auto&... columns) {
    const soci::rowset<Row> found = ((sql.prepare << query), ..., soci::use(columns));
    return std::vector<Row>(found.begin(), found.end());
  }(column(values)...);
}

// The first row, if there is one.
template <class Row, class... Values>
std::optional<Row> first(soci::session& sql, std::string_view query, const Values&... values) {
  Row row{};
  [&](const auto&... columns) {
    ((sql << query), ..., soci::use(columns)), soci::into(row);
  }(column(values)...);
  return sql.got_data() ? std::optional(std::move(row)) : std::nullopt;
}

// Whether there is a row. `query` selects 1.
template <class... Values>
bool any(soci::session& sql, std::string_view query, const Values&... values) {
  return first<int>(sql, query, values...).has_value();
}

}  // namespace pec::ledger

// SPDX-License-Identifier: GPL-2.0-or-later

// How rows become the ledger's values, for SOCI's rowset<>, and how single columns are written.
// Included by this library's .cpp files alone.
//
//     const soci::rowset<LedgerEvent> rows = (sql.prepare << "SELECT * FROM event ...");
//
// A value that can't be a row, or a row that can't be a value (somebody else wrote it), throws
// soci::soci_error that says why. Only the way back uses SOCI's conversions: those to a row leak
// what they hold when a statement fails before it is run.
#pragma once

#include "base/name_table.hpp"
#include "base/text.hpp"
#include "ledger/sql_ledger.hpp"
#include "mime/encoder.hpp"

#include <optional>
#include <soci/soci.h>
#include <string>

namespace pec::ledger {

inline long long seconds_of(Instant at) {
  return at.time_since_epoch().count();
}
inline Instant instant_of(long long seconds) {
  return Instant{std::chrono::seconds{seconds}};
}

inline std::string direction_text(Direction direction) {
  return direction == Direction::issued ? "issued" : "received";
}

inline Direction direction_of(const std::string& stored) {
  if (stored != "issued" && stored != "received")
    throw soci::soci_error("a row of event has an unknown direction");
  return stored == "issued" ? Direction::issued : Direction::received;
}

// A line of message_log without its recipients, and the row of `message` that they belong to.
struct StoredLine {
  LedgerEvent event;
  long long message = 0;
};

inline constexpr NameTable<SpamLevel, 3> spam_levels{{
    {SpamLevel::not_spam, "not spam"},
    {SpamLevel::suspected, "suspected"},
    {SpamLevel::spam, "spam"},
}};

inline std::optional<Instant> optional_time(const soci::values& row, const char* column) {
  if (row.get_indicator(column) == soci::i_null) return std::nullopt;
  return instant_of(row.get<long long>(column));
}

}  // namespace pec::ledger

namespace soci {

template <>
struct type_conversion<pec::ledger::StoredLine> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::ledger::StoredLine& line) {
    const auto kind = pec::event_kind_from_log(row.get<std::string>("kind"));
    if (!kind) throw soci_error("a row of event has an unknown kind");
    auto& event = line.event;
    event.pec_id = row.get<std::string>("pec_id");
    event.kind = *kind;
    event.direction = pec::ledger::direction_of(row.get<std::string>("direction"));
    event.recipient = row.get<std::string>("recipient");
    event.at = pec::ledger::instant_of(row.get<long long>("at"));
    event.msgid = row.get<std::string>("msgid");
    event.sender = row.get<std::string>("sender");
    event.reply_to = row.get<std::string>("reply_to");
    event.subject = row.get<std::string>("subject");
    event.provider = row.get<std::string>("provider");
    event.generated_id = row.get<std::string>("generated_id");
    event.identity = row.get<std::string>("identity");
    event.error = row.get<std::string>("error");
    event.detail = row.get<std::string>("detail");
    line.message = row.get<long long>("message");
  }
};

template <>
struct type_conversion<pec::Recipient> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::Recipient& recipient) {
    recipient.address = row.get<std::string>("address");
    recipient.certified = row.get<int>("certified") != 0;
  }
};

template <>
struct type_conversion<pec::LoggedMessage> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::LoggedMessage& message) {
    message.recipient = row.get<std::string>("recipient");
    message.identity = row.get<std::string>("identity");
    message.at = pec::ledger::instant_of(row.get<long long>("at"));
    message.message_id = row.get<std::string>("generated_id");
  }
};

template <>
struct type_conversion<pec::Dispatch> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::Dispatch& dispatch) {
    using pec::ledger::optional_time;
    dispatch.pec_id = row.get<std::string>("pec_id");
    dispatch.recipient = row.get<std::string>("recipient");
    dispatch.accepted = optional_time(row, "accepted_at");
    dispatch.taken_in_charge = optional_time(row, "taken_in_charge_at");
    dispatch.delivered = optional_time(row, "delivered_at");
    dispatch.failed = optional_time(row, "failed_at");
    dispatch.warned = optional_time(row, "warned_at");
    dispatch.timed_out = optional_time(row, "timed_out_at");
  }
};

template <>
struct type_conversion<pec::AliasMailbox> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::AliasMailbox& mailbox) {
    mailbox.tag = row.get<std::string>("tag");
    mailbox.mailbox = row.get<std::string>("mailbox");
    mailbox.delivered = pec::ledger::optional_time(row, "delivered_at");
    mailbox.completes = row.get<int>("completes") != 0;
  }
};

template <>
struct type_conversion<pec::DueNotice> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::DueNotice& notice) {
    notice.pec_id = row.get<std::string>("pec_id");
    notice.recipient = row.get<std::string>("recipient");
    notice.kind = pec::event_kind_from_log(row.get<std::string>("kind")).value();
  }
};

template <>
struct type_conversion<pec::Incident> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::Incident& incident) {
    incident.what = row.get<std::string>("what");
    incident.pec_id = row.get<std::string>("pec_id");
    incident.recipient = row.get<std::string>("recipient");
    incident.at = pec::ledger::instant_of(row.get<long long>("at"));
    incident.event_at = pec::ledger::instant_of(row.get<long long>("event_at"));
    incident.detail = row.get<std::string>("detail");
    incident.copy = pec::mime::decode_base64(row.get<std::string>("copy"));
    incident.resolved = pec::ledger::optional_time(row, "resolved_at");
  }
};

template <>
struct type_conversion<pec::MailboxStatus> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::MailboxStatus& mailbox) {
    const auto state = pec::state_of_name(row.get<std::string>("state"));
    if (!state) throw soci_error("a row of mailbox has an unknown state");
    mailbox.state = *state;
    mailbox.closed = row.get<int>("closed") != 0;
    mailbox.since = pec::ledger::instant_of(row.get<long long>("since"));
    mailbox.reason = row.get<std::string>("reason");
    mailbox.renamed_to = row.get<std::string>("renamed_to");
  }
};

template <>
struct type_conversion<pec::Mailbox> {
  using base_type = values;

  static void from_base(const values& row, indicator indicator, pec::Mailbox& mailbox) {
    mailbox.address = row.get<std::string>("address");
    type_conversion<pec::MailboxStatus>::from_base(row, indicator, mailbox.status);
    mailbox.created = pec::ledger::optional_time(row, "created_at");
    mailbox.holder = row.get<std::string>("holder");
    mailbox.contacts = row.get<std::string>("contacts");
    mailbox.home = row.get<std::string>("home");
    mailbox.password = row.get<std::string>("password");
  }
};

template <>
struct type_conversion<pec::MailboxEvent> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::MailboxEvent& event) {
    event.address = row.get<std::string>("address");
    event.at = pec::ledger::instant_of(row.get<long long>("at"));
    event.what = row.get<std::string>("what");
    event.detail = row.get<std::string>("detail");
  }
};

template <>
struct type_conversion<pec::SentMessage> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::SentMessage& submission) {
    submission.pec_id = row.get<std::string>("pec_id");
    submission.login = row.get<std::string>("login");
    submission.at = pec::ledger::instant_of(row.get<long long>("at"));
    submission.recipients = static_cast<std::uint64_t>(row.get<long long>("recipients"));
    const auto level = pec::value_in(pec::ledger::spam_levels, row.get<std::string>("level"));
    if (!level) throw soci_error("a row of submission has an unknown level");
    submission.level = *level;
    submission.fingerprint = row.get<std::string>("fingerprint");
    submission.accepted = row.get<int>("accepted") != 0;
    submission.infected_octets = static_cast<std::uint64_t>(row.get<long long>("infected_octets"));
  }
};

template <>
struct type_conversion<pec::ManagedDomain> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::ManagedDomain& domain) {
    domain.name = row.get<std::string>("name");
    domain.unit = row.get<std::string>("unit");
    domain.added = pec::ledger::instant_of(row.get<long long>("added_at"));
  }
};

template <>
struct type_conversion<pec::Count> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::Count& count) {
    count.node = row.get<std::string>("node");
    count.name = row.get<std::string>("name");
    count.count = static_cast<std::uint64_t>(row.get<long long>("count"));
  }
};

template <>
struct type_conversion<pec::ComponentState> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::ComponentState& state) {
    state.node = row.get<std::string>("node");
    state.component = row.get<std::string>("component");
    state.good = row.get<int>("good") != 0;
    state.text = row.get<std::string>("text");
    state.at = pec::ledger::instant_of(row.get<long long>("at"));
  }
};

template <>
struct type_conversion<pec::FailedLogins> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::FailedLogins& failures) {
    failures.account = row.get<std::string>("account");
    failures.network = row.get<std::string>("network");
    failures.since = pec::ledger::instant_of(row.get<long long>("since"));
    failures.failed = static_cast<std::uint64_t>(row.get<long long>("failed"));
  }
};

}  // namespace soci

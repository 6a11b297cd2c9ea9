// How rows become the ledger's values, for SOCI's rowset<>, and how single columns are written.
// Included by sql_ledger.cpp alone.
//
//     const soci::rowset<LedgerEvent> rows = (sql.prepare << "SELECT * FROM event ...");
//
// A value that can't be a row, or a row that can't be a value (somebody else wrote it), throws
// soci::soci_error that says why. Only the way back uses SOCI's conversions: those to a row leak
// what they hold when a statement fails before it is run.
#pragma once

#include "base/text.hpp"
#include "ledger/sql_ledger.hpp"

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

// "certificato a@x\nesterno b@y"
inline std::string recipients_text(const std::vector<Recipient>& recipients) {
  std::vector<std::string> lines;
  for (const auto& recipient : recipients) {
    if (recipient.address.find('\n') != std::string::npos)
      throw soci::soci_error("a recipient's address holds a line break");
    lines.push_back((recipient.certified ? "certificato " : "esterno ") + recipient.address);
  }
  return text::join(lines, "\n");
}

inline std::vector<Recipient> parse_recipients(const std::string& stored) {
  std::vector<Recipient> recipients;
  if (stored.empty()) return recipients;
  for (const auto line : text::split(stored, '\n')) {
    const auto blank = line.find(' ');
    const auto type = line.substr(0, blank);
    if (blank == std::string_view::npos || (type != "certificato" && type != "esterno"))
      throw soci::soci_error("a row of event has a recipient without a type");
    recipients.push_back({std::string(line.substr(blank + 1)), type == "certificato"});
  }
  return recipients;
}

}  // namespace pec::ledger

namespace soci {

template <>
struct type_conversion<pec::LedgerEvent> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::LedgerEvent& event) {
    const auto kind = pec::event_kind_from_wire(row.get<std::string>("kind"));
    const auto direction = row.get<std::string>("direction");
    if (!kind || (direction != "issued" && direction != "received"))
      throw soci_error("a row of event has an unknown kind or direction");
    event.pec_id = row.get<std::string>("pec_id");
    event.kind = *kind;
    event.direction = direction == "issued" ? pec::Direction::issued : pec::Direction::received;
    event.recipient = row.get<std::string>("recipient");
    event.at = pec::ledger::instant_of(row.get<long long>("at"));
    event.msgid = row.get<std::string>("msgid");
    event.sender = row.get<std::string>("sender");
    event.recipients = pec::ledger::parse_recipients(row.get<std::string>("recipients"));
    event.subject = row.get<std::string>("subject");
    event.provider = row.get<std::string>("provider");
    event.generated_id = row.get<std::string>("generated_id");
    event.error = row.get<std::string>("error");
    event.detail = row.get<std::string>("detail");
  }
};

template <>
struct type_conversion<pec::Dispatch> {
  using base_type = values;

  static void from_base(const values& row, indicator, pec::Dispatch& dispatch) {
    const auto time = [&](const char* column) -> std::optional<pec::Instant> {
      if (row.get_indicator(column) == i_null) return std::nullopt;
      return pec::ledger::instant_of(row.get<long long>(column));
    };
    dispatch.pec_id = row.get<std::string>("pec_id");
    dispatch.recipient = row.get<std::string>("recipient");
    dispatch.accepted = time("accepted_at");
    dispatch.taken_in_charge = time("taken_in_charge_at");
    dispatch.delivered = time("delivered_at");
    dispatch.failed = time("failed_at");
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

}  // namespace soci

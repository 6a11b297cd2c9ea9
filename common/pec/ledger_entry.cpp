// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/ledger_entry.hpp"

#include "base/name_table.hpp"

#include <algorithm>
#include <set>

namespace pec {

namespace {

// Read from the start: for a name that stands twice, the first row counts.
constexpr NameTable<EventKind, 10> wire_names{{
    {EventKind::transport_envelope, "posta-certificata"},
    {EventKind::acceptance, "accettazione"},
    {EventKind::non_acceptance, "non-accettazione"},
    {EventKind::take_charge, "presa-in-carico"},
    {EventKind::delivery, "avvenuta-consegna"},
    {EventKind::non_delivery, "errore-consegna"},
    {EventKind::timeout_notice, "preavviso-errore-consegna"},
    {EventKind::early_notice, "preavviso-errore-consegna"},
    {EventKind::virus_detection, "rilevazione-virus"},
    {EventKind::anomaly_envelope, "errore"},
}};

// Events whose name in the log is not the one on the wire.
constexpr NameTable<EventKind, 2> log_names{{
    {EventKind::early_notice, "preavviso-errore-consegna-12"},
    {EventKind::refusal, "rifiuto"},
}};

}  // namespace

std::string_view wire_name(EventKind kind) {
  return name_in(wire_names, kind);
}

std::optional<EventKind> event_kind_from_wire(std::string_view name) {
  return value_in(wire_names, name);
}

std::string_view log_name(EventKind kind) {
  const auto name = name_in(log_names, kind);
  return name.empty() ? wire_name(kind) : name;
}

std::optional<EventKind> event_kind_from_log(std::string_view name) {
  const auto kind = value_in(log_names, name);
  return kind ? kind : event_kind_from_wire(name);
}

bool is_between_providers(EventKind kind) {
  return kind == EventKind::take_charge || kind == EventKind::virus_detection;
}

bool has_lines_of(const LedgerEntries& entries, const ReceiptKey& key) {
  std::set<std::string_view> lines;
  for (const auto& event : entries.events)
    if (event.pec_id == key.pec_id && event.kind == key.kind &&
        event.direction == Direction::issued)
      lines.insert(event.recipient);
  return std::all_of(key.recipients.begin(), key.recipients.end(),
                     [&](const std::string& each) { return lines.contains(each); });
}

LedgerEntries under_identity(LedgerEntries entries, const ReceiptIdentity& proposed,
                             const ReceiptIdentity& actual) {
  for (auto& event : entries.events) {
    if (event.generated_id != proposed.message_id) continue;
    event.generated_id = actual.message_id;
    event.at = actual.at;
  }
  for (auto& step : entries.steps)
    if (step.is_of_receipt) step.at = actual.at;
  return entries;
}

}  // namespace pec

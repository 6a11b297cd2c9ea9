#include "pec/ledger_entry.hpp"

#include <array>
#include <utility>

namespace pec {

namespace {

constexpr std::array<std::pair<EventKind, std::string_view>, 9> wire_names{{
    {EventKind::transport_envelope, "posta-certificata"},
    {EventKind::acceptance, "accettazione"},
    {EventKind::non_acceptance, "non-accettazione"},
    {EventKind::take_charge, "presa-in-carico"},
    {EventKind::delivery, "avvenuta-consegna"},
    {EventKind::non_delivery, "errore-consegna"},
    {EventKind::timeout_notice, "preavviso-errore-consegna"},
    {EventKind::virus_detection, "rilevazione-virus"},
    {EventKind::anomaly_envelope, "errore"},
}};

}  // namespace

std::string_view wire_name(EventKind kind) {
  for (const auto& [each, name] : wire_names)
    if (each == kind) return name;
  return {};
}

std::optional<EventKind> event_kind_from_wire(std::string_view name) {
  for (const auto& [kind, each] : wire_names)
    if (each == name) return kind;
  return std::nullopt;
}

}  // namespace pec

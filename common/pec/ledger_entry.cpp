#include "pec/ledger_entry.hpp"

#include "base/name_table.hpp"

namespace pec {

namespace {

constexpr NameTable<EventKind, 9> wire_names{{
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
  return name_in(wire_names, kind);
}

std::optional<EventKind> event_kind_from_wire(std::string_view name) {
  return value_in(wire_names, name);
}

}  // namespace pec

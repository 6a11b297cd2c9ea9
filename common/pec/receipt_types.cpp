// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/receipt_types.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace pec {

namespace {

using AskedBy = ReceiptType::AskedBy;
using Source = ReceiptType::Source;
using Step = DispatchStep::Step;
using To = ReceiptType::To;

constexpr std::array receipt_types{
    ReceiptType{InternalEvent::acceptance, "accettazione", AskedBy::queue, Source::envelope,
                EventKind::acceptance, Step::accepted, To::sender, Letter::acceptance},
    ReceiptType{InternalEvent::take_charge, "presa", AskedBy::queue, Source::envelope,
                EventKind::take_charge, Step::taken_in_charge, To::service_mailbox,
                Letter::take_charge},
    ReceiptType{InternalEvent::delivery, "consegna", AskedBy::client, Source::envelope,
                EventKind::delivery, Step::delivered, To::sender},
    ReceiptType{InternalEvent::virus_found, "rilevazione", AskedBy::queue, Source::envelope,
                EventKind::virus_detection, Step::failed, To::service_mailbox,
                Letter::virus_detection},
    ReceiptType{InternalEvent::virus_told, "virus", AskedBy::queue, Source::virus_detection,
                EventKind::non_delivery, Step::failed, To::sender, Letter::non_delivery_for_virus},
    ReceiptType{InternalEvent::non_delivery, "errore", AskedBy::queue, Source::message_log,
                EventKind::non_delivery, Step::failed, To::sender, Letter::non_delivery},
    ReceiptType{InternalEvent::early_notice, "preavviso", AskedBy::client, Source::message_log,
                EventKind::early_notice, Step::warned, To::sender, Letter::early_notice,
                DeliveryFailure::early},
    ReceiptType{InternalEvent::timeout_notice, "scadenza", AskedBy::client, Source::message_log,
                EventKind::timeout_notice, Step::timed_out, To::sender, Letter::timeout_notice,
                DeliveryFailure::timeout},
    ReceiptType{InternalEvent::anomaly_kept, "anomalia", AskedBy::queue, Source::none},
    ReceiptType{InternalEvent::sent_again, "rinvio", AskedBy::client, Source::none},
};

template <class Condition>
const ReceiptType* find_type(const Condition& condition) {
  const auto* found = std::find_if(receipt_types.begin(), receipt_types.end(), condition);
  return found == receipt_types.end() ? nullptr : found;
}

}  // namespace

const ReceiptType& type_of(InternalEvent event) {
  const auto* type = find_type([&](const ReceiptType& each) { return each.event == event; });
  if (!type) throw std::logic_error("an internal event has no row in the table of receipts");
  return *type;
}

std::string_view wire_name(InternalEvent event) {
  return type_of(event).wire_name;
}

std::optional<InternalEvent> internal_event_from_wire(std::string_view name) {
  const auto* type = find_type(
      [&](const ReceiptType& each) { return text::equals_ignoring_case(each.wire_name, name); });
  return type ? std::optional(type->event) : std::nullopt;
}

std::optional<InternalEvent> event_of_timeout(EventKind kind) {
  const auto* type =
      find_type([&](const ReceiptType& each) { return each.timeout && each.kind == kind; });
  return type ? std::optional(type->event) : std::nullopt;
}

}  // namespace pec

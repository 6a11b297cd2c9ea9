// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/receipt_types.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace pec;
using Source = ReceiptType::Source;

namespace {

constexpr std::array all{
    InternalEvent::acceptance,   InternalEvent::take_charge,    InternalEvent::delivery,
    InternalEvent::virus_found,  InternalEvent::virus_told,     InternalEvent::non_delivery,
    InternalEvent::early_notice, InternalEvent::timeout_notice, InternalEvent::anomaly_kept,
    InternalEvent::sent_again,
};

}  // namespace

TEST_CASE("each internal event has a row, and a name of its own that is read in any case") {
  std::set<std::string> names;
  for (const auto event : all) {
    CHECK(type_of(event).event == event);
    const std::string name(wire_name(event));
    CHECK(names.insert(name).second);
    CHECK(internal_event_from_wire(name) == event);
  }
  CHECK(internal_event_from_wire("Presa") == InternalEvent::take_charge);
  CHECK_FALSE(internal_event_from_wire(""));
  CHECK_FALSE(internal_event_from_wire("presa "));
}

TEST_CASE("only what is between providers goes to a service mailbox", "[rule:3.2.1][rule:3.2.3]") {
  for (const auto event : all) {
    const auto& type = type_of(event);
    if (type.source == Source::none) continue;
    CAPTURE(type.wire_name);
    CHECK((type.to == ReceiptType::To::service_mailbox) == is_between_providers(type.kind));
  }
}

TEST_CASE("notices are made of the log, and the others of a copy", "[rule:6]") {
  for (const auto event : all) {
    const auto& type = type_of(event);
    const bool is_notice = event == InternalEvent::non_delivery ||
                           event == InternalEvent::early_notice ||
                           event == InternalEvent::timeout_notice;
    CAPTURE(type.wire_name);
    CHECK((type.source == Source::message_log) == is_notice);
    CHECK((type.source == Source::none) ==
          (event == InternalEvent::anomaly_kept || event == InternalEvent::sent_again));
  }
}

TEST_CASE("a notice of a timeout is asked for by its kind", "[rule:3.1.6]") {
  CHECK(event_of_timeout(EventKind::early_notice) == InternalEvent::early_notice);
  CHECK(event_of_timeout(EventKind::timeout_notice) == InternalEvent::timeout_notice);
  CHECK_FALSE(event_of_timeout(EventKind::non_delivery));
}

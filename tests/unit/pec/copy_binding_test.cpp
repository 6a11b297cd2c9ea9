// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/copy_binding.hpp"

#include "support/notifications.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

const PlainAuthenticator group("group");
const PlainAuthenticator delivery("delivery");
const std::string bruno = "bruno@pec.beta.example";
const std::string notification_id = "4jX@mx.pec.alfa.example";
const std::string pec_id = "20261122041122.id1@pec.alfa.example";

mime::Message bounce_of(const std::string& envelope) {
  return notification({{bruno, "5.1.1", "550 no"}}, envelope);
}

std::string errore(const std::string& bound_to) {
  return *format_internal({InternalEvent::non_delivery, bruno, morning}, bound_to, group);
}

Result<InternalRecipient> parsed(const mime::Message& copy, const std::string& address,
                                 Instant now = morning) {
  return parse_internal_of(copy, address, now, group, delivery);
}

}  // namespace

TEST_CASE("a notice is bound to the notification and to the envelope in it", "[rule:6]") {
  const auto envelope = simple_envelope().wire().str();
  const auto bounce = bounce_of(envelope);
  const auto address = errore(binding_of_bounce(notification_id, pec_id));
  CHECK(parsed(bounce, address));
  CHECK(parsed(notification({{bruno, "5.1.1", "550 no"}}, envelope, true), address));
  CHECK(binding_of(InternalEvent::non_delivery, bounce) ==
        binding_of_bounce(notification_id, pec_id));

  CHECK_FALSE(
      parsed(bounce_of(text::replace_all(envelope, pec_id, "other@pec.alfa.example")), address));
  auto another = bounce;
  another.header = mime::parse_header(text::replace_all(bounce.header.wire(), notification_id,
                                                        "other@mx.pec.alfa.example") +
                                      "\r\n")
                       .fields;
  CHECK_FALSE(parsed(another, address));
  CHECK_FALSE(parsed(message_of("Message-ID: <" + notification_id + ">\r\n\r\n"), address));
  CHECK_FALSE(parsed(message_of(envelope), address));
}

TEST_CASE("a notice that waits in the queue at an upgrade is not lost, and not good for ever",
          "[rule:6]") {
  const auto bounce = bounce_of(simple_envelope().wire().str());
  const auto old = errore(notification_id);
  CHECK(parsed(bounce, old));
  CHECK(parsed(bounce, old, morning + std::chrono::hours(48)));
  CHECK_FALSE(parsed(bounce, old, morning + std::chrono::hours(49)));
  CHECK_FALSE(parsed(bounce, errore("other@mx.pec.alfa.example")));
}

TEST_CASE("all other internal recipients are bound to the message itself", "[rule:5]") {
  const auto envelope = simple_envelope();
  for (const auto event : {InternalEvent::acceptance, InternalEvent::take_charge,
                           InternalEvent::delivery, InternalEvent::timeout_notice}) {
    const auto& key = event == InternalEvent::delivery ? delivery : group;
    CHECK(binding_of(event, envelope) == pec_id);
    const auto address = format_internal({event, bruno, morning}, pec_id, key);
    CHECK(parsed(envelope, *address, morning + std::chrono::hours(1000)));
  }
  CHECK_FALSE(parsed(envelope, "bruno@pec.beta.example"));
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/bounces.hpp"

#include "pec/access_point.hpp"
#include "pec/certified_failure.hpp"
#include "pec/compose.hpp"
#include "pec/copy_binding.hpp"
#include "pec/incoming_point.hpp"
#include "pec/stamp.hpp"
#include "support/notifications.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

const std::string envelope = simple_envelope().wire().str();
const BounceFacts facts{morning, morning + std::chrono::minutes(5), alfa};

Bounce sorted(const mime::Message& message, const FailedInternals& internals = {}) {
  const auto status = value_of(read_delivery_status(message));
  return sort_bounce(status, internals, facts);
}

const std::string internal_address =
    "anna@pec.alfa.example.1795320682.mac.accettazione.pec.internal";
const FailedInternals acceptance{
    {internal_address,
     InternalRecipient{InternalEvent::acceptance, "anna@pec.alfa.example", morning}}};

}  // namespace

TEST_CASE("each failed recipient of an envelope is owed a notice", "[rule:6][rule:3.3.3]") {
  const auto bounce = sorted(notification(
      {{"bruno@pec.beta.example", "5.1.1", "a"}, {"dario@ordinaria.example", "5.7.1", "b"}},
      envelope));
  CHECK(bounce.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(bounce.owed == std::vector<FailedRecipient>{{"bruno@pec.beta.example", "5.1.1", "a"},
                                                    {"dario@ordinaria.example", "5.7.1", "b"}});
  CHECK(bounce.incidents.empty());
}

TEST_CASE("several notices are made of copies of the notification", "[rule:6]") {
  const auto bounce = sorted(notification(
      {{"bruno@pec.beta.example", "5.1.1", "a"}, {"dario@ordinaria.example", "5.7.1", "b"}},
      envelope));
  const auto decision = decide_bounce(bounce, "4jX@mx.pec.alfa.example", facts);
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.route == Route{"posta-certificata@pec.alfa.example", {}});
  CHECK(decision.bound_to ==
        binding_of_bounce("4jX@mx.pec.alfa.example", "20261122041122.id1@pec.alfa.example"));
  CHECK(decision.follow_ups ==
        std::vector<InternalRecipient>{
            {InternalEvent::non_delivery, "bruno@pec.beta.example", morning},
            {InternalEvent::non_delivery, "dario@ordinaria.example", morning}});
  CHECK(decision.alerts.empty());
}

TEST_CASE("receipts, anomaly envelopes and other mail never become notices", "[rule:6]") {
  const auto returned = GENERATE(
      std::string("X-Ricevuta: avvenuta-consegna\r\nMessage-ID: <r@x>\r\n\r\nx\r\n"),
      std::string("X-Trasporto: errore\r\nMessage-ID: <e@x>\r\n\r\nx\r\n"),
      std::string("X-Trasporto: posta-certificata\r\nX-Ricevuta: accettazione\r\n\r\nx\r\n"),
      std::string("Subject: cron\r\n\r\nx\r\n"));
  const auto bounce = sorted(notification({{"x@ordinaria.example", "5.1.1", "a"}}, returned));
  CHECK(bounce.owed.empty());
  const auto decision = decide_bounce(bounce, "4jX@mx.pec.alfa.example", facts);
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK_FALSE(decision.route);
  CHECK(decision.follow_ups.empty());
  CHECK(decision.entries.events.empty());
  CHECK(decision.entries.steps.empty());
}

TEST_CASE("a receipt that could not be handed over is kept, to be sent again", "[rule:6]") {
  auto data = classified(simple_envelope()).message->data;
  data.kind = EventKind::delivery;
  data.concerns = "Bruno@pec.beta.example";
  const Stamp stamp = LegalTime("Europe/Rome").stamp(morning);
  ReceiptContents contents;
  contents.data = data;
  contents.stamp = stamp;
  contents.message_id = "r1@pec.beta.example";
  contents.to = "anna@pec.alfa.example";
  contents.letter = Letter::delivery_concise;
  const auto receipt = sent(compose_receipt(contents, beta), beta).wire().str();
  const bool whole = GENERATE(true, false);
  const auto bounce =
      sorted(notification({{"anna@pec.alfa.example", "5.2.2", "552 full"}}, receipt, !whole));
  const auto decision = decide_bounce(bounce, "4jX@mx.pec.alfa.example", facts);
  CHECK_FALSE(decision.route);
  CHECK_FALSE(decision.alerts.empty());
  CHECK(decision.alerts == std::vector<std::string>{"receipt that could not be handed over"});
  REQUIRE(decision.entries.incidents.size() == 1);
  const auto& incident = decision.entries.incidents.front();
  CHECK(incident.what == "lost avvenuta-consegna");
  CHECK(incident.at == facts.now);
  CHECK(incident.detail == "could not be handed over to anna@pec.alfa.example: 5.2.2 552 full");
  if (!whole) {
    CHECK(incident.pec_id == "r1@pec.beta.example");
    CHECK(incident.recipient == "anna@pec.alfa.example");
    CHECK(incident.copy.empty());
    return;
  }
  CHECK(incident.pec_id == data.pec_id);
  CHECK(incident.recipient == "bruno@pec.beta.example");
  CHECK(incident.event_at == morning);
  CHECK(incident.copy == receipt);
}

TEST_CASE("of the two notices of a timeout it is told which one was lost", "[rule:6]") {
  const auto [failure, letter, name] = GENERATE(
      std::tuple(DeliveryFailure::early, Letter::early_notice, "preavviso-errore-consegna-12"),
      std::tuple(DeliveryFailure::timeout, Letter::timeout_notice, "preavviso-errore-consegna"));
  ReceiptContents contents;
  contents.data = classified(simple_envelope()).message->data;
  contents.data.kind = EventKind::timeout_notice;
  contents.data.concerns = "bruno@pec.beta.example";
  contents.data.error = CertifiedError::other;
  contents.data.error_detail = certify_failure(failure, alfa.provider).detail;
  contents.stamp = LegalTime("Europe/Rome").stamp(morning);
  contents.message_id = "r1@pec.alfa.example";
  contents.to = "anna@pec.alfa.example";
  contents.letter = letter;
  const auto notice = sent(compose_receipt(contents, alfa), alfa).wire().str();
  const auto bounce = sorted(notification({{"anna@pec.alfa.example", "5.2.2", "full"}}, notice));
  REQUIRE(bounce.lost);
  CHECK(bounce.lost->what == "lost " + std::string(name));
}

TEST_CASE("a copy that a mailbox has passed on owes nobody a notice, whom it names or not",
          "[rule:5][rule:6]") {
  const auto bounce = sorted(notification({{"bruno@pec.beta.example", "5.1.1", "a"}},
                                          "X-PEC-Passed-On: sieve\r\n" + envelope));
  CHECK(bounce.owed.empty());
  const auto decision = decide_bounce(bounce, "4jX@mx.pec.alfa.example", facts);
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK_FALSE(decision.route);
  CHECK(decision.entries.empty());
}

TEST_CASE("an internal recipient that failed is an incident and no user's concern", "[rule:6]") {
  const auto bounce =
      sorted(notification({{internal_address, "4.4.1", "refused"}}, envelope), acceptance);
  CHECK(bounce.owed.empty());
  const auto decision = decide_bounce(bounce, "4jX@mx.pec.alfa.example", facts);
  REQUIRE(decision.entries.incidents.size() == 1);
  const auto& incident = decision.entries.incidents.front();
  CHECK(incident.what == "accettazione");
  CHECK(incident.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(incident.recipient == "anna@pec.alfa.example");
  CHECK(incident.event_at == morning);
  CHECK(incident.detail == "4.4.1 refused");
  CHECK(incident.copy.ends_with(envelope));
  CHECK_FALSE(decision.alerts.empty());
  CHECK(decision.route == Route{alfa.address, {"postmaster@pec.alfa.example"}});
}

TEST_CASE("a receipt can't be made again of a header alone", "[rule:6]") {
  const auto bounce =
      sorted(notification({{internal_address, "4.4.1", "refused"}}, envelope, true), acceptance);
  REQUIRE(bounce.incidents.incidents.size() == 1);
  CHECK(bounce.incidents.incidents.front().copy.empty());
}

TEST_CASE("a message in the mailbox has not failed, only its receipt has", "[rule:6][rule:5]") {
  const std::string waits = "bruno@pec.beta.example.1795320682.mac.consegna.pec.internal";
  const auto message =
      notification({{"bruno@pec.beta.example", "4.2.0",
                     "451 4.2.0 <bruno> Delivered, the receipt waits:\r\n    " + waits}},
                   envelope);
  const auto status = value_of(read_delivery_status(message));
  REQUIRE(status.failed.size() == 1);
  CHECK(internal_address_of(status.failed.front()) == waits);

  const auto bounce = sorted(
      message,
      {{waits, InternalRecipient{InternalEvent::delivery, "bruno@pec.beta.example", morning}}});
  CHECK(bounce.owed.empty());
  REQUIRE(bounce.incidents.incidents.size() == 1);
  CHECK(bounce.incidents.incidents.front().what == "consegna");
  CHECK(bounce.incidents.incidents.front().recipient == "bruno@pec.beta.example");

  // Words that anybody may write prove nothing.
  CHECK(sorted(message, {{waits, std::nullopt}}).owed.size() == 1);
}

TEST_CASE("of an alias's mailboxes in one bounce, some may have the message",
          "[rule:6][rule:5][rule:3.3.3]") {
  const std::string alias = "bruno@pec.beta.example";
  const auto waits = [&](const std::string& tag) {
    return alias + ".1795320682.mac" + tag + ".consegna.pec.internal";
  };
  const auto delivery = [&](const std::string& tag) {
    return std::pair(waits(tag), InternalRecipient{InternalEvent::delivery, alias, morning, tag});
  };
  const auto bounce = sorted(
      notification({{alias, "4.2.0", "451 4.2.0 Delivered, the receipt waits: " + waits("aaaaaaa")},
                    {alias, "5.2.2", "552 5.2.2 full"},
                    {alias, "4.2.0", "451 4.2.0 Delivered, the receipt waits: " + waits("bbbbbbb")},
                    {alias, "5.1.1", "550 5.1.1 unknown"}},
                   envelope),
      {delivery("aaaaaaa"), delivery("bbbbbbb")});
  CHECK(bounce.owed == std::vector<FailedRecipient>{{alias, "5.2.2", "552 5.2.2 full"}});
  REQUIRE(bounce.incidents.incidents.size() == 2);
  CHECK(bounce.incidents.incidents[0].what == "consegna aaaaaaa");
  CHECK(bounce.incidents.incidents[1].what == "consegna bbbbbbb");
}

TEST_CASE("an internal recipient that is not ours makes nothing", "[rule:6]") {
  const auto bounce = sorted(notification({{internal_address, "5.1.1", "a"}}, envelope),
                             {{internal_address, std::nullopt}});
  CHECK(bounce.owed.empty());
  REQUIRE(bounce.incidents.incidents.size() == 1);
  CHECK(bounce.incidents.incidents.front().what == "not genuine");
  CHECK(bounce.incidents.incidents.front().copy.empty());
}

TEST_CASE("user and internal recipients may fail together", "[rule:6]") {
  const auto bounce = sorted(notification({{internal_address, "4.4.1", "a"},
                                           {"bruno@pec.beta.example", "5.1.1", "b"},
                                           {"carla@pec.alfa.example", "5.1.1", "c"}},
                                          envelope),
                             acceptance);
  const auto decision = decide_bounce(bounce, "4jX@mx.pec.alfa.example", facts);
  CHECK(decision.follow_ups.size() == 2);
  CHECK(decision.route == Route{alfa.address, {}});
  CHECK(decision.entries.incidents.size() == 1);
  CHECK_FALSE(decision.alerts.empty());
}

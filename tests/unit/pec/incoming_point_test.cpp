#include "pec/incoming_point.hpp"

#include "../../support/domain_fixtures.hpp"
#include "pec/receipts.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

IncomingFacts facts(const Identity& us) {
  return {stamp_of(morning), us, directory()};
}

mime::Message changed(const mime::Message& message, std::string_view from, std::string_view to) {
  const auto whole = message.header.wire() + "\r\n" + std::string(message.body.view);
  const auto other = text::replace_all(whole, from, to);
  REQUIRE(other != whole);
  return message_of(other);
}

// The receipt that `us` makes of the simple envelope.
mime::Message receipt(InternalEvent event, const std::string& recipient, const Identity& us) {
  const auto envelope = simple_envelope();
  const auto plan = plan_receipt(envelope, classified(envelope), {{event, recipient, morning}},
                                 {"20261122041122.id2", us, directory()});
  REQUIRE(plan);
  auto decision = make_receipt(*plan, plan->proposed, stamp_of(morning), us);
  return sent(std::move(std::get<Replace>(decision.action).draft), us);
}

}  // namespace

TEST_CASE("a correct envelope goes on unchanged, with a take-charge for each recipient",
          "[rule:4][rule:2.2.2]") {
  const auto found = classified(simple_envelope());
  CHECK(found.what == IncomingClass::correct);
  const auto decision = decide_incoming(found, {"bruno@pec.beta.example"}, facts(beta));
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(decision.follow_ups == std::vector<InternalRecipient>{{InternalEvent::take_charge,
                                                               "bruno@pec.beta.example", morning}});
  CHECK(decision.entries.empty());
}

TEST_CASE("no take-charge for an address that the envelope does not certify", "[rule:8.5]") {
  const auto decision =
      decide_incoming(classified(simple_envelope()),
                      {"eva@pec.beta.example", "dario@ordinaria.example"}, facts(beta));
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.follow_ups.empty());
}

TEST_CASE("a correct receipt goes on unchanged and is noted", "[rule:4]") {
  const auto message = receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta);
  const auto decision =
      decide_incoming(classified(message), {"anna@pec.alfa.example"}, facts(alfa));
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.follow_ups.empty());
  REQUIRE(decision.entries.events.size() == 1);
  const auto& event = decision.entries.events.front();
  CHECK(event.kind == EventKind::delivery);
  CHECK(event.direction == Direction::received);
  CHECK(event.recipient == "bruno@pec.beta.example");
  CHECK(event.provider == "PEC Beta S.r.l.");
  CHECK(event.generated_id == "20261122041122.id2@pec.beta.example");
  CHECK(decision.entries.steps ==
        std::vector<DispatchStep>{{"20261122041122.id1@pec.alfa.example", "bruno@pec.beta.example",
                                   DispatchStep::Step::delivered, morning}});
}

TEST_CASE("a take-charge that comes in advances the dispatch", "[rule:4]") {
  const auto message = receipt(InternalEvent::take_charge, "bruno@pec.beta.example", beta);
  const auto decision =
      decide_incoming(classified(message), {"ricevute@pec.alfa.example"}, facts(alfa));
  REQUIRE(decision.entries.steps.size() == 1);
  CHECK(decision.entries.steps.front().step == DispatchStep::Step::taken_in_charge);
}

TEST_CASE("a receipt about somebody else's dispatch is not noted", "[rule:8.5]") {
  const auto message = receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta);
  CHECK(decide_incoming(classified(message), {"x@pec.beta.example"}, facts(beta)).entries.empty());
}

TEST_CASE("a message without a provider's signature is ordinary, whatever its header says",
          "[rule:4][rule:2.2.2]") {
  CHECK(classified(message_of(simple_original)).what == IncomingClass::ordinary);
  CHECK(classified(message_of("X-Trasporto: posta-certificata\r\n" + simple_original)).what ==
        IncomingClass::ordinary);
  CHECK(classified(message_of("X-Ricevuta: avvenuta-consegna\r\n" + simple_original)).what ==
        IncomingClass::ordinary);
  CHECK(classified(message_of("")).what == IncomingClass::ordinary);
}

TEST_CASE("a damaged envelope is ordinary mail", "[rule:4]") {
  CHECK(classified(changed(simple_envelope(), "Ciao.", "Ciao!!")).what == IncomingClass::ordinary);
}

TEST_CASE("a provider's signature over another provider's From is nobody's", "[rule:4]") {
  const auto envelope = simple_envelope();
  const auto forged = changed(envelope, "<posta-certificata@pec.alfa.example>",
                              "<posta-certificata@pec.beta.example>");
  const auto found = classified(forged);
  CHECK(found.what == IncomingClass::ordinary);
  CHECK_THAT(found.reason, Catch::Contains("From"));
}

TEST_CASE("what a provider signed but did not form rightly is malformed", "[rule:4]") {
  const auto envelope = simple_envelope();
  const auto malformed = [&](std::string_view from, std::string_view to) {
    const auto found = classified(changed(envelope, from, to));
    CHECK(found.what == IncomingClass::malformed);
    return found.reason;
  };
  using Catch::Contains;
  CHECK_THAT(malformed("X-Trasporto: posta-certificata\r\n", ""), Contains("X-Trasporto"));
  CHECK_THAT(malformed("X-Trasporto: posta-certificata", "X-Trasporto: errore"),
             Contains("anomaly"));
  CHECK_THAT(malformed("X-Trasporto: posta-certificata", "X-Ricevuta: accettazione"),
             Contains("daticert.xml says"));
  CHECK_THAT(malformed("X-Trasporto: posta-certificata",
                       "X-Trasporto: posta-certificata\r\nX-Ricevuta: accettazione"),
             Contains("neither"));
  CHECK_THAT(malformed("name=\"daticert.xml\"", "name=\"daticerx.xml\""),
             Contains("no daticert.xml"));
  CHECK_THAT(malformed("name=\"postacert.eml\"", "name=\"postacerx.eml\""),
             Contains("postacert.eml"));
  const auto id = malformed("\r\nMessage-ID: <20261122041122.id1@pec.alfa.example>\r\nSubject",
                            "\r\nMessage-ID: <20261122041122.id9@pec.alfa.example>\r\nSubject");
  CHECK_THAT(id, Contains("Message-ID"));
}

TEST_CASE("what is not correct is kept back for now, never passed as correct", "[rule:4]") {
  const auto decision = decide_incoming(classified(message_of(simple_original)),
                                        {"bruno@pec.beta.example"}, facts(beta));
  CHECK(std::holds_alternative<TryLater>(decision.action));
  CHECK(decision.follow_ups.empty());
  CHECK_FALSE(decision.reason.empty());
}

TEST_CASE("a signature that can't be judged now is neither correct nor ordinary", "[rule:4]") {
  const auto envelope = simple_envelope();
  SignatureCheck check;
  check.outcome = SignatureCheck::Outcome::undetermined;
  check.certificate = "certificate of pec.alfa.example";
  const auto found = classify(envelope, find_signature(envelope), check, *directory());
  CHECK(found.what == IncomingClass::undecided);
  const auto decision = decide_incoming(found, {"bruno@pec.beta.example"}, facts(beta));
  REQUIRE(std::holds_alternative<TryLater>(decision.action));
  CHECK(std::get<TryLater>(decision.action).enhanced == "4.7.5");
}

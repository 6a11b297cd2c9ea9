// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/access_point.hpp"

#include "support/domain_fixtures.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

Decision decide(const std::string& original, const Submission& submission) {
  return decide_access(message_of(original), submission, access_facts());
}

CertificationData data_of(const mime::Message& envelope) {
  const auto parts = value_of(read_frame(envelope));
  const auto read = value_of(read_pec_message(envelope, parts, {alfa.address}));
  return read.data;
}

}  // namespace

TEST_CASE("a message that passes becomes an envelope to the same recipients",
          "[rule:1][rule:2.2.1]") {
  const auto decision = decide(simple_original, simple_submission());
  REQUIRE(std::holds_alternative<Replace>(decision.action));
  CHECK_FALSE(decision.route);
  CHECK(decision.pec_id == "20261122041122.id1@pec.alfa.example");
}

TEST_CASE("the access role writes nothing that Postfix may yet fail to commit") {
  CHECK(decide(simple_original, simple_submission()).entries.empty());
}

TEST_CASE("an acceptance follows for the sender, a take-charge for each recipient of our own",
          "[rule:1][rule:3.4]") {
  const auto decision = decide(simple_original, simple_submission());
  CHECK(decision.follow_ups ==
        std::vector<InternalRecipient>{
            {InternalEvent::acceptance, "anna@pec.alfa.example", morning},
            {InternalEvent::take_charge, "carla@pec.alfa.example", morning}});
}

TEST_CASE("the certification data name sender, recipients and time", "[rule:8.2][rule:2.1]") {
  const auto data = data_of(simple_envelope());
  CHECK(data.kind == EventKind::transport_envelope);
  CHECK(data.sender == "anna@pec.alfa.example");
  CHECK(data.recipients == std::vector<Recipient>{{"bruno@pec.beta.example", true},
                                                  {"carla@pec.alfa.example", true},
                                                  {"dario@ordinaria.example", false}});
  CHECK(data.reply_to == "anna@pec.alfa.example");
  CHECK(data.subject == "Prova");
  CHECK(data.provider == "PEC Alfa S.p.A.");
  CHECK(data.date == "22/11/2026");
  CHECK(data.time == "05:11:22");
  CHECK(data.zone == "+0100");
  CHECK(data.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(data.msgid == "<client-1@pec.alfa.example>");
  CHECK(data.receipt_form == ReceiptForm::complete);
  CHECK(data.concerns.empty());
}

TEST_CASE("recipients are certified in the order of To, then Cc, each once", "[rule:10]") {
  auto submission = simple_submission();
  submission.recipients = {"dario@ordinaria.example", "CARLA@pec.alfa.example",
                           "bruno@pec.beta.example", "bruno@pec.beta.example"};
  auto decision = decide(simple_original, submission);
  const auto data = data_of(sent(decision, alfa));
  CHECK(data.recipients == std::vector<Recipient>{{"bruno@pec.beta.example", true},
                                                  {"CARLA@pec.alfa.example", true},
                                                  {"dario@ordinaria.example", false}});
}

TEST_CASE("the reply addresses are the original's, or the sender's", "[rule:8.2]") {
  auto decision =
      decide("Reply-To: R <r@x.example>, s@x.example\r\n" + simple_original, simple_submission());
  CHECK(data_of(sent(decision, alfa)).reply_to == "r@x.example, s@x.example");
}

TEST_CASE("a malformed reply address gives way to the sender", "[rule:8.2]") {
  auto decision = decide("Reply-To: <>, nobody\r\n" + simple_original, simple_submission());
  CHECK(data_of(sent(decision, alfa)).reply_to == "anna@pec.alfa.example");
}

TEST_CASE("a message that fails becomes a notice to its sender alone", "[rule:2][rule:3.1.2]") {
  auto decision = decide("Bcc: x@y.example\r\n" + simple_original, simple_submission());
  REQUIRE(std::holds_alternative<Replace>(decision.action));
  CHECK(decision.route == Route{alfa.address, {"anna@pec.alfa.example"}});
  CHECK(decision.follow_ups.empty());

  const auto notice = sent(decision, alfa);
  CHECK(notice.header.unfolded("X-Ricevuta") == "non-accettazione");
  CHECK(notice.header.unfolded("From") == alfa.address);
  CHECK(notice.header.unfolded("To") == "anna@pec.alfa.example");
  CHECK(notice.header.unfolded("Subject") == "AVVISO DI NON ACCETTAZIONE: Prova");
  CHECK(notice.header.unfolded("Message-ID") == "<20261122041122.id0@pec.alfa.example>");
  CHECK(notice.header.unfolded("X-Riferimento-Message-ID") == "<client-1@pec.alfa.example>");
  CHECK(notice.body.view.find("Ciao.") == std::string::npos);
  CHECK(notice.body.view.find("postacert.eml") == std::string::npos);

  const auto data = data_of(notice);
  CHECK(data.kind == EventKind::non_acceptance);
  CHECK(data.error == CertifiedError::other);
  CHECK(data.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(data.recipients.size() == 3);
  CHECK_FALSE(data.receipt_form);
  CHECK(data.error_detail ==
        "5.6.0 - PEC Alfa S.p.A. - presenza di un valore nel campo Bcc (Ccn), che non è ammesso");
}

TEST_CASE("a notice is in the log before it is sent", "[rule:8.5]") {
  const auto decision = decide("Bcc: x@y.example\r\n" + simple_original, simple_submission());
  REQUIRE(decision.entries.events.size() == 1);
  const auto& event = decision.entries.events.front();
  CHECK(event.kind == EventKind::non_acceptance);
  CHECK(event.direction == Direction::issued);
  CHECK(event.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(event.generated_id == "20261122041122.id0@pec.alfa.example");
  CHECK(event.error == "altro");
  CHECK_THAT(event.detail, Catch::StartsWith("5.6.0 - "));
  CHECK(decision.entries.steps.empty());
}

TEST_CASE("a header that can't be read gives a correct notice all the same", "[rule:3.1.2]") {
  for (const std::string original :
       {"", "\r\nno header at all\r\n", "Message-ID: <\xff\x01>\r\nSubject: \xe8\r\n\r\nx",
        "From: ,,,;;<<>>\r\nTo: :\r\nReply-To: \xff\r\n\r\nx"}) {
    CAPTURE(original);
    auto decision = decide(original, simple_submission());
    REQUIRE(std::holds_alternative<Replace>(decision.action));
    CHECK(decision.route == Route{alfa.address, {"anna@pec.alfa.example"}});
    const auto notice = sent(decision, alfa);
    CHECK_FALSE(notice.header.find("X-Riferimento-Message-ID"));
    const auto data = data_of(notice);
    CHECK(data.sender == "anna@pec.alfa.example");
    CHECK(data.reply_to == "anna@pec.alfa.example");
    CHECK(data.recipients.size() == 3);
  }
}

TEST_CASE("which recipients count for the size is a setting", "[rule:2]") {
  // One of them certified and in To, one certified and in Cc, one ordinary.
  const auto passes = [](FormalLimits::Counted counted, std::uint64_t times) {
    auto facts = access_facts();
    const auto message = message_of(simple_original);
    facts.limits.counted = counted;
    facts.limits.total_size = message.size() * times;
    const auto decision = decide_access(message, simple_submission(), facts);
    return !decision.route.has_value();
  };
  using Counted = FormalLimits::Counted;
  CHECK(passes(Counted::all, 3));
  CHECK_FALSE(passes(Counted::all, 2));
  CHECK(passes(Counted::certified, 2));
  CHECK_FALSE(passes(Counted::certified, 1));
  CHECK(passes(Counted::certified_in_to, 1));
}

TEST_CASE("a submission without a login waits, and nothing is made of it", "[rule:2]") {
  auto no_login = simple_submission();
  no_login.login.clear();
  const auto decision = decide(simple_original, no_login);
  CHECK(std::holds_alternative<TryLater>(decision.action));
  CHECK(decision.follow_ups.empty());
  CHECK(decision.entries.empty());
}

TEST_CASE("a sender whom this provider can't certify is refused for good", "[rule:2]") {
  for (const std::string sender : {"eva@pec.beta.example", "x@sconosciuto.example", "anna", ""}) {
    auto foreign = simple_submission();
    foreign.sender = sender;
    const auto decision = decide(simple_original, foreign);
    REQUIRE(std::holds_alternative<Refuse>(decision.action));
    CHECK(std::get<Refuse>(decision.action).enhanced == "5.7.1");
    CHECK(decision.follow_ups.empty());
    CHECK(decision.entries.empty());
    CHECK_FALSE(decision.reason.empty());
    CHECK_FALSE(
        decision.alerts.empty());  // Postfix lets a login write as an address that is not certified
  }
}

TEST_CASE("so many fields that nothing could be put in their place are refused in SMTP") {
  std::string many;
  for (std::size_t i = 0; i < most_fields; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  const auto refused = decide(many + simple_original, simple_submission());
  REQUIRE(std::holds_alternative<Refuse>(refused.action));
  CHECK(std::get<Refuse>(refused.action).enhanced == "5.6.0");
  CHECK(refused.entries.empty());

  const auto ordinary = message_of(many + simple_original);
  const auto incoming = decide_incoming(
      ordinary, classified(ordinary), {"", {"bruno@pec.beta.example"}},
      {stamp_of(morning), "20261122041122.id7", Takes::all_mail, beta, directory()});
  CHECK(std::holds_alternative<Refuse>(incoming.action));
  CHECK(incoming.entries.empty());
}

TEST_CASE("a virus becomes a notice of its own, whatever else is wrong", "[rule:2][rule:3.1.3]") {
  auto facts = access_facts();
  facts.virus = "Eicar-Test";
  for (const std::string more : {"", "Bcc: x@y.example\r\n"}) {
    auto decision = decide_access(message_of(more + simple_original), simple_submission(), facts);
    REQUIRE(std::holds_alternative<Replace>(decision.action));
    CHECK(decision.route == Route{alfa.address, {"anna@pec.alfa.example"}});
    CHECK(decision.follow_ups.empty());
    CHECK(decision.reason == "virus: Eicar-Test");
    REQUIRE(decision.entries.events.size() == 1);
    CHECK(decision.entries.events.front().error == "virus");

    const auto notice = sent(decision, alfa);
    CHECK(notice.header.unfolded("X-Ricevuta") == "non-accettazione");
    CHECK(notice.header.unfolded("X-VerificaSicurezza") == "errore");
    CHECK(notice.header.unfolded("Subject") == "AVVISO DI NON ACCETTAZIONE PER VIRUS: Prova");
    CHECK(notice.body.view.find("Ciao.") == std::string::npos);
    const auto data = data_of(notice);
    CHECK(data.error == CertifiedError::virus);
    CHECK(data.error_detail ==
          "5.5.1 - PEC Alfa S.p.A. - presenza di un virus nel messaggio: Eicar-Test");
  }
}

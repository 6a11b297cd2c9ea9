#include "pec/access_point.hpp"

#include "../../support/domain_fixtures.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

Decision decide(const std::string& original, const Submission& submission) {
  return decide_access(message_of(original), submission, access_facts());
}

CertificationData data_of(const mime::Message& envelope) {
  const auto parts = find_signature(envelope);
  REQUIRE(parts);
  const auto read = read_pec_message(envelope, *parts);
  REQUIRE(read);
  return read->data;
}

}  // namespace

TEST_CASE("a message that passes becomes an envelope to the same recipients",
          "[rule:1][rule:2.2.1]") {
  const auto decision = decide(simple_original, simple_submission());
  REQUIRE(std::holds_alternative<Replace>(decision.action));
  CHECK_FALSE(std::get<Replace>(decision.action).route);
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

TEST_CASE("the certification data say who, to whom and when", "[rule:8.2][rule:2.1]") {
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
  CHECK(data.delivery.empty());
}

TEST_CASE("recipients are certified in the order of To, then Cc, each once", "[rule:10]") {
  auto submission = simple_submission();
  submission.recipients = {"dario@ordinaria.example", "CARLA@pec.alfa.example",
                           "bruno@pec.beta.example", "bruno@pec.beta.example"};
  auto decision = decide(simple_original, submission);
  const auto data = data_of(sent(std::move(std::get<Replace>(decision.action).draft), alfa));
  CHECK(data.recipients == std::vector<Recipient>{{"bruno@pec.beta.example", true},
                                                  {"CARLA@pec.alfa.example", true},
                                                  {"dario@ordinaria.example", false}});
}

TEST_CASE("the reply address is the original's, or the sender's", "[rule:8.2]") {
  auto decision =
      decide("Reply-To: R <r@x.example>, s@x.example\r\n" + simple_original, simple_submission());
  CHECK(data_of(sent(std::move(std::get<Replace>(decision.action).draft), alfa)).reply_to ==
        "r@x.example");
}

TEST_CASE("what can't be certified is never passed on as something it is not", "[rule:2]") {
  const auto is_kept_back = [](const Decision& decision) {
    return std::holds_alternative<TryLater>(decision.action) && decision.follow_ups.empty() &&
           decision.entries.empty() && !decision.reason.empty();
  };
  CHECK(is_kept_back(decide("Bcc: x@y.example\r\n" + simple_original, simple_submission())));
  CHECK(is_kept_back(decide("x", simple_submission())));

  auto no_login = simple_submission();
  no_login.login.clear();
  CHECK(is_kept_back(decide(simple_original, no_login)));

  auto foreign = simple_submission();
  foreign.sender = "eva@pec.beta.example";
  CHECK(is_kept_back(decide(simple_original, foreign)));
  foreign.sender = "";
  CHECK(is_kept_back(decide(simple_original, foreign)));
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/rules.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::policyd;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;
using std::chrono::seconds;

namespace {

const Instant now{seconds{1795324282}};
const SendingLimits limits;

PolicyRequest submission(std::uint64_t recipients = 1) {
  return {.context = "submission",
          .state = "DATA",
          .login = "anna@pec.alfa.example",
          .sender = "anna@pec.alfa.example",
          .recipient_count = recipients};
}

PolicyRequest incoming() {
  return {.context = "incoming",
          .state = "RCPT",
          .sender = "x@y.example",
          .recipient = "anna@pec.alfa.example"};
}

MailboxStatus in_state(MailboxState state) {
  return {.state = state, .reason = "why"};
}

std::string action(const PolicyRequest& request, const Facts& facts,
                   const SendingLimits& in_force = limits) {
  const auto answer = decide(request, facts, in_force, now);
  CHECK(answer.reason.empty() == (answer.action == "DUNNO"));
  for (const char c : answer.action) CHECK((c >= ' ' && c <= '~'));  // fit for SMTP
  return answer.action;
}

}  // namespace

TEST_CASE("500 recipients pass in one message, and 501 are refused, all of them", "[rule:2]") {
  CHECK(action(submission(500), {}) == "DUNNO");
  CHECK_THAT(action(submission(501), {}), StartsWith("554 5.5.3 ") && Contains("501") &&
                                              Contains("Troppi destinatari") &&
                                              Contains("Too many recipients"));
  CHECK_THAT(action(submission(11), {}, {.recipients = 10}), StartsWith("554 5.5.3 "));
}

TEST_CASE("a recipient is written in one form", "[rule:4]") {
  for (const char* const form :
       {"anna@pec.alfa.example.", "anna", "", "anna@", "@pec.alfa.example"}) {
    auto request = incoming();
    request.recipient = form;
    CHECK_THAT(action(request, {}), StartsWith("553 5.1.3 "));
  }
  for (const char* const form : {"Anna@pec.alfa.example", "an na@pec.alfa.example"}) {
    auto request = incoming();
    request.recipient = form;
    CHECK(action(request, {}) == "DUNNO");
  }
}

TEST_CASE("a blocked or revoked mailbox sends nothing, by whichever name") {
  const MailboxStatus good;
  for (const auto state : {MailboxState::blocked, MailboxState::revoked}) {
    CHECK_THAT(action(submission(), {.senders = {in_state(state)}}), StartsWith("550 5.7.1 "));
    CHECK_THAT(action(submission(), {.senders = {good, in_state(state)}}),
               StartsWith("550 5.7.1 "));
  }
  CHECK(action(submission(), {.senders = {good, good}}) == "DUNNO");
}

TEST_CASE("at RCPT only a purged mailbox is refused: any other may have receipts to get",
          "[rule:5]") {
  CHECK_THAT(action(incoming(), {.recipient = in_state(MailboxState::retired)}),
             StartsWith("550 5.1.1 "));
  auto renamed = in_state(MailboxState::retired);
  renamed.renamed_to = "anna.bianchi@pec.alfa.example";
  CHECK(action(incoming(), {.recipient = renamed}) == "DUNNO");
  CHECK(action(incoming(), {.recipient = in_state(MailboxState::revoked)}) == "DUNNO");
  CHECK(action(incoming(), {.recipient = in_state(MailboxState::blocked)}) == "DUNNO");
  CHECK(action(incoming(), {.recipient = {.closed = true}}) == "DUNNO");
}

TEST_CASE("a message over the rate waits, and its sender hears how long") {
  const SendingLimits rate{.rate_window = std::chrono::minutes{60}, .rate_messages = 1};
  const Facts facts{.recent = {{"id", "anna@pec.alfa.example", now - seconds{600}, 1}}};
  CHECK_THAT(action(submission(), facts, rate),
             StartsWith("450 4.7.1 ") && Contains("tra 50 minuti.") && EndsWith("in 50 minutes"));
  const Facts ends_soon{.recent = {{"id", "anna@pec.alfa.example", now - seconds{3599}, 1}}};
  CHECK_THAT(action(submission(), ends_soon, rate),
             Contains("tra 1 minuto.") && EndsWith("in 1 minute"));
  CHECK(action(submission(), {}, rate) == "DUNNO");
}

TEST_CASE("a question at the wrong place waits, and the log says what to correct") {
  auto request = submission();
  request.state = "RCPT";
  for (const auto& wrong : {request, PolicyRequest{}}) {
    CHECK(question_of(wrong) == Question::none);
    const auto answer = decide(wrong, {}, limits, now);
    CHECK_THAT(answer.action, StartsWith("451 4.3.0 "));
    CHECK_THAT(answer.reason, Contains("policy_context"));
  }
  request = submission();
  request.login = "";
  CHECK_THAT(action(request, {}), StartsWith("451 4.3.0 "));
}

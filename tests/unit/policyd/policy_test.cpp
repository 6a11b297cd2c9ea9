// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/policy.hpp"

#include "unit/policyd/support.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::policyd;
using Catch::StartsWith;

namespace {

std::string submission(const std::string& login, const std::string& sender) {
  return "request=smtpd_access_policy\nprotocol_state=DATA\npolicy_context=submission\n"
         "sasl_username=" +
         login + "\nsender=" + sender + "\nrecipient_count=1\n\n";
}

const std::string incoming =
    "request=smtpd_access_policy\nprotocol_state=RCPT\npolicy_context=incoming\n"
    "recipient=Anna@Pec.Alfa.example\n\n";

struct World {
  std::string answer(const std::string& request) const {
    const auto given = policy.answer(request);
    REQUIRE(given);
    return *given;
  }

  TestMailboxes mailboxes;
  FixedClock clock;
  SendingLimits limits{};
  Policy policy{mailboxes, clock, {.rate_messages = 1}, Fallback::wait};
};

}  // namespace

TEST_CASE("login and sender are both looked up, in any case") {
  World world;
  world.mailboxes.known["anna@pec.alfa.example"] = {.state = MailboxState::blocked};
  CHECK_THAT(world.answer(submission("ANNA@pec.alfa.example", "bruno@pec.alfa.example")),
             StartsWith("action=550 5.7.1 "));
  CHECK_THAT(world.answer(submission("bruno@pec.alfa.example", "Anna@pec.alfa.example")),
             StartsWith("action=550 5.7.1 "));
  CHECK(world.answer(submission("bruno@pec.alfa.example", "bruno@pec.alfa.example")) ==
        "action=DUNNO\n\n");
}

TEST_CASE("the login's own submissions count for its rate") {
  World world;
  world.mailboxes.submissions = {
      {"id", "anna@pec.alfa.example", world.clock.now() - std::chrono::minutes{1}, 1}};
  CHECK_THAT(world.answer(submission("Anna@pec.alfa.example", "anna@pec.alfa.example")),
             StartsWith("action=450 4.7.1 "));
  CHECK(world.answer(submission("bruno@pec.alfa.example", "bruno@pec.alfa.example")) ==
        "action=DUNNO\n\n");
}

TEST_CASE("a recipient is looked up in any case") {
  World world;
  CHECK(world.answer(incoming) == "action=DUNNO\n\n");
  world.mailboxes.known["anna@pec.alfa.example"] = {.state = MailboxState::retired};
  CHECK_THAT(world.answer(incoming), StartsWith("action=550 5.1.1 "));
}

TEST_CASE("Postfix leaves out quotes, which the ledger has", "[rule:4]") {
  World world;
  world.mailboxes.known["\"an na\"@pec.alfa.example"] = {.state = MailboxState::retired};
  CHECK_THAT(world.answer("request=smtpd_access_policy\nprotocol_state=RCPT\n"
                          "policy_context=incoming\nrecipient=An na@pec.alfa.example\n\n"),
             StartsWith("action=550 5.1.1 "));
  CHECK_THAT(world.answer(submission("anna@pec.alfa.example", "an na@pec.alfa.example")),
             StartsWith("action=550 5.7.1 "));
}

TEST_CASE("while the ledger can't be asked, mail waits or passes, as the administrator wants it") {
  World world;
  world.mailboxes.down = true;
  const Policy passing{world.mailboxes, world.clock, {}, true};
  for (const auto& request : {submission("a@b.example", "a@b.example"), incoming}) {
    CHECK_THAT(world.answer(request), StartsWith("action=451 4.3.0 "));
    CHECK(passing.answer(request) == "action=DUNNO\n\n");
  }
}

TEST_CASE("other input than a request has no answer") {
  const World world;
  const auto given = world.policy.answer("HELO client.example\r\n\n\n");
  REQUIRE_FALSE(given);
  CHECK(given.error().fault == Fault::bad_input);
}

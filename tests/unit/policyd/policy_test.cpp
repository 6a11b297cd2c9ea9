// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/policy.hpp"

#include "support/results.hpp"
#include "unit/policyd/support.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::policyd;
using namespace pec::test;
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

struct AnsweringWorld : PolicyWorld {
  std::string answer(const std::string& request) const { return value_of(policy.answer(request)); }
};

}  // namespace

TEST_CASE("login and sender are both looked up, in any case") {
  AnsweringWorld world;
  world.mailboxes.known["anna@pec.alfa.example"] = {.state = MailboxState::blocked};
  CHECK_THAT(world.answer(submission("ANNA@pec.alfa.example", "bruno@pec.alfa.example")),
             StartsWith("action=550 5.7.1 "));
  CHECK_THAT(world.answer(submission("bruno@pec.alfa.example", "Anna@pec.alfa.example")),
             StartsWith("action=550 5.7.1 "));
  CHECK(world.answer(submission("bruno@pec.alfa.example", "bruno@pec.alfa.example")) ==
        "action=DUNNO\n\n");
}

TEST_CASE("the login's own submissions count for its rate") {
  AnsweringWorld world;
  world.mailboxes.submissions = {
      {"id", "anna@pec.alfa.example", world.clock.now() - std::chrono::minutes{1}, 1}};
  CHECK_THAT(world.answer(submission("Anna@pec.alfa.example", "anna@pec.alfa.example")),
             StartsWith("action=450 4.7.1 "));
  CHECK(world.answer(submission("bruno@pec.alfa.example", "bruno@pec.alfa.example")) ==
        "action=DUNNO\n\n");
}

TEST_CASE("a recipient is looked up in any case") {
  AnsweringWorld world;
  CHECK(world.answer(incoming) == "action=DUNNO\n\n");
  world.mailboxes.known["anna@pec.alfa.example"] = {.state = MailboxState::retired};
  CHECK_THAT(world.answer(incoming), StartsWith("action=550 5.1.1 "));
}

TEST_CASE("Postfix leaves out quotes, which the ledger has", "[rule:4]") {
  AnsweringWorld world;
  world.mailboxes.known["\"an na\"@pec.alfa.example"] = {.state = MailboxState::retired};
  CHECK_THAT(world.answer("request=smtpd_access_policy\nprotocol_state=RCPT\n"
                          "policy_context=incoming\nrecipient=An na@pec.alfa.example\n\n"),
             StartsWith("action=550 5.1.1 "));
  CHECK_THAT(world.answer(submission("anna@pec.alfa.example", "an na@pec.alfa.example")),
             StartsWith("action=550 5.7.1 "));
}

TEST_CASE("while the ledger can't be asked, mail waits or passes, as the administrator wants it") {
  AnsweringWorld world;
  world.mailboxes.down = true;
  const Policy passing{world.mailboxes, world.clock, {}, Fallback::pass};
  for (const auto& request : {submission("a@b.example", "a@b.example"), incoming}) {
    CHECK_THAT(world.answer(request), StartsWith("action=451 4.3.0 "));
    CHECK(passing.answer(request) == "action=DUNNO\n\n");
  }
}

TEST_CASE("other input than a request has no answer") {
  const AnsweringWorld world;
  CHECK(error_of(world.policy.answer("HELO client.example\r\n\n\n")).fault == Fault::bad_input);
}

// SPDX-License-Identifier: GPL-2.0-or-later

// The access and the incoming role behind a spam filter, and the consequences of a login's
// submissions.

#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>

using namespace pec::milter;
using namespace pec;
using namespace pec::test;
using Catch::Contains;

namespace {

// The filter's fields in each message; the level is in X-Rspamd-Action.
std::string marked(std::string whole, std::string_view action) {
  return text::replace_all(
      std::move(whole), "\r\n\r\n",
      fmt::format("\r\nX-Spamd-Result: default\r\n\tONE(1.00)\r\nX-Rspamd-Action: {}\r\n\r\n",
                  action));
}

MilterWorld filtered(const Identity& us = alfa) {
  MilterWorld world(us);
  world.services.filter = {"X-Rspamd-Action", "reject", "add header", {"X-Spam", "X-Rspamd"}};
  return world;
}

Transaction submitted(std::string_view action, std::string login = "anna@pec.alfa.example") {
  auto transaction = submission();
  transaction.login = std::move(login);
  transaction.message = message_of(marked(simple_original, action));
  return transaction;
}

Transaction delivered(std::string message) {
  return arriving(message_of(std::move(message)), {"bruno@pec.beta.example"},
                  "gianni@ordinaria.example");
}

const std::vector<SentMessage>& noted(MilterWorld& world) {
  return world.ledger().submissions;
}

}  // namespace

TEST_CASE("the certified original has nothing of the filter's", "[rule:2]") {
  auto world = filtered();
  RecordingQueueFile with, without;
  CHECK(world.run(submitted("reject"), with).verdict == Verdict::accept);
  // The same ids and the same time: the same envelope, byte for byte.
  CHECK(filtered().run(submission(), without).verdict == Verdict::accept);
  CHECK(with.message().wire().str() == without.message().wire().str());
  CHECK_THAT(with.edits, Catch::VectorContains(std::string("delete X-Rspamd-Action 1")));
}

TEST_CASE("a client's fields under the filter's names are certified", "[rule:2]") {
  auto world = filtered();
  RecordingQueueFile queue_file;
  auto transaction = submitted("no action");
  transaction.message = message_of("X-PEC-Set-Aside-X-Rspamd-Action: reject\r\n" +
                                   marked(simple_original, "no action"));
  world.run(transaction, queue_file);
  CHECK_THAT(queue_file.body, Contains("\r\nX-Rspamd-Action: reject\r\nFrom: Anna"));
  CHECK_THAT(queue_file.body, !Contains("no action") && !Contains("Set-Aside"));
  CHECK(noted(world).empty());
}

TEST_CASE("a submission that is spam or suspected is noted for its login", "[rule:2]") {
  auto world = filtered();
  RecordingQueueFile queue_file;
  world.run(submitted("reject", "Anna@PEC.Alfa.example"), queue_file);
  world.run(submitted("add header"), queue_file);
  const auto all = noted(world);
  REQUIRE(all.size() == 2);
  CHECK(all[0].login == "anna@pec.alfa.example");
  CHECK(all[0].level == SpamLevel::spam);
  CHECK(all[0].at == world.clock().now() - std::chrono::minutes(1));
  CHECK(all[0].recipients == 3);
  CHECK_THAT(all[0].pec_id, Contains("@pec.alfa.example"));
  CHECK(all[1].level == SpamLevel::suspected);
  CHECK(all[0].pec_id != all[1].pec_id);
}

TEST_CASE("other submissions are noted only for a rate or a series", "[rule:2]") {
  auto world = filtered();
  RecordingQueueFile queue_file;
  world.run(submitted("no action"), queue_file);
  CHECK(world.ledger().recorded.empty());

  SECTION("of messages") {
    world.services.sending.rate_messages = 10;
  }
  SECTION("of recipients") {
    world.services.sending.rate_recipients = 10;
  }
  SECTION("of one text") {
    world.services.sending.series_messages = 3;
  }
  world.run(submitted("no action"), queue_file);
  REQUIRE(noted(world).size() == 1);
  CHECK(noted(world).front().level == SpamLevel::not_spam);
  CHECK(noted(world).front().fingerprint.empty() == (world.services.sending.series_messages == 0));
}

TEST_CASE("a submission that is refused by a notice counts as spam, and for no rate", "[rule:2]") {
  auto world = filtered();
  RecordingQueueFile queue_file;
  auto transaction = submitted("reject");
  transaction.recipients = {"nobody@ordinaria.example"};  // in neither To nor Cc
  const auto outcome = world.run(transaction, queue_file);
  CHECK_THAT(outcome.log, Contains("formal checks"));
  REQUIRE(noted(world).size() == 1);
  CHECK_FALSE(noted(world).front().accepted);
  world.run(submitted("reject"), queue_file);
  CHECK(noted(world).back().accepted);
}

TEST_CASE("a refused message is not counted", "[rule:2]") {
  auto world = filtered();
  RecordingQueueFile queue_file;
  CHECK(world.run(submitted("reject", ""), queue_file).verdict == Verdict::refuse);
  CHECK(noted(world).empty());
}

TEST_CASE("if the ledger finds too many messages, the next one is put off, with nothing edited",
          "[rule:2]") {
  auto world = filtered();
  world.services.sending.rate_messages = 1;
  world.ledger().verdict.refused = put_off(std::chrono::minutes(50));
  RecordingQueueFile queue_file;
  const auto outcome = world.run(submission(), queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(outcome.reply.code == "450");
  CHECK(outcome.reply.enhanced == "4.7.1");
  CHECK_THAT(outcome.reply.text, Contains("tra 50 minuti"));
  CHECK_THAT(outcome.log, Contains("action=tempfail") && Contains("over the rate for 3000 s more"));
  CHECK_FALSE(outcome.alert);
  CHECK(queue_file.edits.empty());
  CHECK(noted(world).empty());
}

TEST_CASE("a mailbox that was blocked while its message came sends nothing", "[rule:2]") {
  auto world = filtered();
  world.ledger().verdict.refused = refuse_sender({.state = MailboxState::blocked});
  RecordingQueueFile queue_file;
  const auto outcome = world.run(submitted("reject"), queue_file);
  CHECK(outcome.reply.code == "550");
  CHECK_THAT(outcome.log, Contains("action=refuse"));
  CHECK(queue_file.edits.empty());
}

TEST_CASE("a message that the mail server does not take does not count", "[rule:2]") {
  auto world = filtered();
  RecordingQueueFile queue_file;
  queue_file.failing_edit = 1;
  CHECK(world.run(submitted("reject"), queue_file).verdict == Verdict::refuse);
  CHECK(noted(world).empty());

  world.ledger().withdraws_nothing = true;
  RecordingQueueFile next;
  next.failing_edit = 1;
  CHECK_THAT(world.run(submitted("reject"), next).log, Contains("it still counts"));
}

TEST_CASE("an alarm reports a blocked mailbox", "[rule:2]") {
  auto world = filtered();
  RecordingQueueFile queue_file;
  CHECK(world.run(submitted("reject"), queue_file).alarm.empty());
  world.ledger().verdict.blocked = "181 messages of spam in one hour";
  const auto outcome = world.run(submitted("reject"), queue_file);
  CHECK(outcome.verdict == Verdict::accept);
  CHECK_THAT(outcome.alarm,
             Contains("action=block login=<anna@pec.alfa.example>") && Contains("181 messages"));
}

TEST_CASE("no submission passes unnoted while the ledger is down", "[rule:2]") {
  auto world = filtered();
  RecordingQueueFile queue_file;
  world.ledger().down = true;
  const auto outcome = world.run(submitted("reject"), queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK_FALSE(outcome.reply.permanent());
  CHECK(queue_file.edits.empty());
}

TEST_CASE("ordinary mail that the filter marks says so on its anomaly envelope", "[rule:7]") {
  auto world = filtered(beta);
  const auto envelope_of = [&](std::string_view action) {
    RecordingQueueFile queue_file;
    world.run(delivered(marked(simple_original, action)), queue_file);
    CHECK_THAT(queue_file.body, Contains(simple_original) && !Contains("X-Rspamd"));
    return queue_file.header;
  };
  CHECK(envelope_of("reject").unfolded("X-PEC-Spam") == "spam");
  CHECK(envelope_of("add header").unfolded("X-PEC-Spam") == "suspected");
  CHECK_FALSE(envelope_of("no action").find("X-PEC-Spam"));
  CHECK(noted(world).empty());
}

TEST_CASE("certified mail stays as it came, whatever the filter says", "[rule:4]") {
  auto world = filtered(beta);
  const auto envelope = simple_envelope().wire().str();
  auto whole = envelope;
  whole.insert(whole.find("\r\n\r\n"), "\r\nX-Spam: Yes\r\nX-Rspamd-Action: reject");
  RecordingQueueFile queue_file;
  const auto outcome = world.run(delivered(whole), queue_file);
  CHECK_THAT(outcome.log, Contains("action=keep"));
  CHECK(queue_file.header.wire() == simple_envelope().header.wire());
  CHECK(queue_file.body.empty());

  // Without a filter's fields nothing is edited.
  RecordingQueueFile untouched;
  world.run(delivered(envelope), untouched);
  CHECK(untouched.header.empty());
}

TEST_CASE("a mark is read where mail passes the filter, and nowhere else", "[rule:2]") {
  auto world = filtered(beta);
  RecordingQueueFile queue_file;
  auto transaction = submitted("reject");
  transaction.role = Role::bounces;
  CHECK_THAT(world.run(transaction, queue_file).log, Contains("role=bounces"));
  CHECK(noted(world).empty());
  CHECK(queue_file.header.empty());
}

TEST_CASE("a message with a virus is noted with its size, whatever else is watched, and told once",
          "[rule:3.1.3]") {
  MilterWorld world(alfa);
  world.services.scanner = std::make_unique<MarkScanner>();
  auto infected = submission();
  infected.message = message_of(simple_original + "EICAR\r\n");
  const auto submit = [&] {
    RecordingQueueFile queue_file;
    auto outcome = world.run(infected, queue_file);
    CHECK(outcome.verdict == Verdict::accept);
    CHECK(queue_file.message().header.unfolded("X-Ricevuta") == "non-accettazione");
    return outcome;
  };
  CHECK(submit().alarm.empty());
  REQUIRE(noted(world).size() == 1);
  CHECK(noted(world)[0].infected_octets == infected.message.size());
  CHECK_FALSE(noted(world)[0].accepted);

  world.ledger().verdict.blocked = "31 messages with viruses";
  CHECK_THAT(submit().alarm, Contains("action=block login=<anna@pec.alfa.example>") &&
                                 Contains("31 messages with viruses"));
}

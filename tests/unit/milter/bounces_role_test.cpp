// SPDX-License-Identifier: GPL-2.0-or-later

// The bounces role, and notices in the receipts role: Postfix's input, and the result.
#include "mime/date.hpp"
#include "support/notifications.hpp"
#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;
using Catch::Contains;

namespace {

const std::string envelope = simple_envelope().wire().str();
const std::string pec_id = "20261122041122.id1@pec.alfa.example";

// A world whose log knows simple_envelope().
MilterWorld knowing_world() {
  MilterWorld world(alfa);
  const auto message = simple_envelope();
  const auto event = log_event(classified(message).message->data, EventKind::transport_envelope,
                               Direction::issued, morning);
  REQUIRE(world.ledger().record({{event}, {}}));
  return world;
}

Transaction bounce(mime::Message notification) {
  return {Role::bounces, "B1", "", "", {"anna@pec.alfa.example"}, std::move(notification)};
}

std::string internal(InternalEvent event, const std::string& recipient, const std::string& id,
                     const MilterWorld& world) {
  const auto& authenticator = event == InternalEvent::delivery ? *world.services.delivery_point
                                                               : *world.services.host_group;
  return *format_internal({event, recipient, morning}, id, authenticator);
}

// A request of `pecctl timeouts`.
Transaction request(InternalEvent event, const MilterWorld& world) {
  return copy_of(message_of("Message-ID: <" + pec_id + ">\r\n\r\n"),
                 {internal(event, "bruno@pec.beta.example", pec_id, world)}, alfa.address);
}

std::vector<Incident> incidents(MilterWorld& world) {
  std::vector<Incident> all;
  for (const auto& entries : world.ledger().recorded)
    all.insert(all.end(), entries.incidents.begin(), entries.incidents.end());
  return all;
}

}  // namespace

TEST_CASE("one failed recipient: the notice takes the bounce's place", "[rule:6][rule:3.3.3]") {
  auto world = knowing_world();
  RecordingQueueFile queue_file;
  const bool header_only = GENERATE(false, true);
  const auto outcome = world.run(
      bounce(notification({{"bruno@pec.beta.example", "5.1.1", "550 no"}}, envelope, header_only)),
      queue_file);
  CHECK(outcome.verdict == Verdict::accept);
  CHECK_FALSE(outcome.alert);
  CHECK_THAT(outcome.log, Contains("role=bounces action=replace pecid=<" + pec_id + ">"));
  CHECK(queue_file.recipients == std::vector<std::string>{"anna@pec.alfa.example"});
  CHECK(queue_file.edits.end() !=
        std::find(queue_file.edits.begin(), queue_file.edits.end(), "from " + alfa.address));
  const auto notice = queue_file.message();
  const auto found = classified(notice);
  REQUIRE(found.what == IncomingClass::correct);
  CHECK(found.message->kind == EventKind::non_delivery);
  CHECK(found.message->data.concerns == "bruno@pec.beta.example");
  CHECK_FALSE(notice.header.find("Auto-Submitted"));
  REQUIRE(world.ledger().claimed.size() == 1);

  // Its time is the notification's, not that of the run that makes it.
  const auto at = world.ledger().claimed[0].events.at(0).at;
  CHECK(at == mime::instant_of(notification({}, envelope).header.unfolded("Date")));
  CHECK(at != world.services.clock->now());
}

TEST_CASE("several failed recipients: each copy of the bounce becomes one notice", "[rule:6]") {
  auto world = knowing_world();
  const auto message = notification({{"bruno@pec.beta.example", "5.1.1", "550 no"},
                                     {"carla@pec.alfa.example", "5.2.2", "552 full"}},
                                    envelope, true);
  const auto fan_out = world.accepted(bounce(message));
  CHECK(fan_out.header.empty());  // the copies are the bounce itself
  CHECK(fan_out.recipients.empty());
  REQUIRE(fan_out.internal_recipients.size() == 2);

  const auto second =
      world.accepted(copy_of(message, {fan_out.internal_recipients[1]}, alfa.address));
  CHECK(second.recipients == std::vector<std::string>{"anna@pec.alfa.example"});
  const auto notice = second.message();
  const auto found = classified(notice);
  REQUIRE(found.what == IncomingClass::correct);
  CHECK(found.message->data.concerns == "carla@pec.alfa.example");
  CHECK_THAT(found.message->data.error_detail, Contains("5.2.2 - PEC Alfa S.p.A. - casella piena"));
}

TEST_CASE("a bounce waits for the log to know the message", "[rule:6]") {
  MilterWorld world(alfa);
  RecordingQueueFile queue_file;
  const auto outcome = world.run(
      bounce(notification({{"bruno@pec.beta.example", "5.1.1", "550 no"}}, envelope)), queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(outcome.reply.code == "451");
  CHECK_THAT(outcome.log, Contains("pecid=<" + pec_id + ">"));
  CHECK(queue_file.edits.empty());
}

TEST_CASE("a ledger that is down keeps the bounce", "[rule:6]") {
  auto world = knowing_world();
  world.ledger().down = true;
  RecordingQueueFile queue_file;
  const auto outcome = world.run(
      bounce(notification({{"bruno@pec.beta.example", "5.1.1", "550 no"}}, envelope)), queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(queue_file.edits.empty());

  // The same for a requested notice, whatever fails.
  const auto asked = world.run(request(InternalEvent::timeout_notice, world), queue_file);
  CHECK(asked.reply.code == "451");
  CHECK_THAT(asked.log, Contains("ledger down"));
  world.ledger().down = false;
  world.ledger().claims_nothing = true;
  const auto unclaimed = world.run(request(InternalEvent::timeout_notice, world), queue_file);
  CHECK(unclaimed.reply.code == "451");
  CHECK_THAT(unclaimed.log, Contains("ledger down"));
  CHECK(queue_file.edits.empty());
}

TEST_CASE("no notice where the dispatch has ended otherwise", "[rule:6][rule:8.5]") {
  auto world = knowing_world();
  world.ledger().ended = true;
  RecordingQueueFile queue_file;
  const auto outcome = world.run(
      bounce(notification({{"bruno@pec.beta.example", "5.1.1", "550 no"}}, envelope)), queue_file);
  CHECK(outcome.verdict == Verdict::discard);
  CHECK(outcome.alert);
  CHECK_THAT(outcome.log, Contains("pecid=<" + pec_id + ">") && Contains("has ended otherwise"));
  CHECK(queue_file.edits.empty());

  // A timeout that was overtaken is the usual case.
  for (const auto event : {InternalEvent::early_notice, InternalEvent::timeout_notice}) {
    const auto overtaken = world.run(request(event, world), queue_file);
    CHECK(overtaken.verdict == Verdict::discard);
    CHECK_FALSE(overtaken.alert);
  }
}

TEST_CASE("a failure that concerns nobody goes to the operators as it is", "[rule:6]") {
  // Named in the envelope, but neither the sender nor the mailbox is ours.
  MilterWorld world(alfa);
  auto event = log_event(classified(simple_envelope()).message->data, EventKind::transport_envelope,
                         Direction::received, morning);
  event.sender = "dora@pec.beta.example";
  REQUIRE(world.ledger().record({{event}, {}}));
  RecordingQueueFile queue_file;
  const auto outcome = world.run(
      bounce(notification({{"bruno@pec.beta.example", "5.1.1", "550 no"}}, envelope)), queue_file);
  CHECK(outcome.verdict == Verdict::accept);
  CHECK(outcome.alert);
  CHECK(queue_file.header.empty());
  CHECK(queue_file.recipients == std::vector<std::string>{"postmaster@pec.alfa.example"});
  REQUIRE(incidents(world).size() == 1);
}

TEST_CASE("a copy for somebody whom the envelope does not name owes nobody anything when it fails",
          "[rule:6]") {
  // always_bcc: each message of each user may have one.
  auto world = knowing_world();
  const std::string counted = "failed copy to a recipient that the envelope does not name";
  RecordingQueueFile queue_file;
  SECTION("alone: the operators see what came back") {
    const auto outcome = world.run(
        bounce(notification({{"archive@pec.alfa.example", "5.2.2", "552 full"}}, envelope)),
        queue_file);
    CHECK(outcome.verdict == Verdict::accept);
    CHECK_FALSE(outcome.alert);
    CHECK(queue_file.header.empty());
    CHECK(queue_file.recipients == std::vector<std::string>{"postmaster@pec.alfa.example"});
  }
  SECTION("beside others, whose notices are made of copies of the bounce") {
    const auto both = notification({{"bruno@pec.beta.example", "5.1.1", "550 no"},
                                    {"archive@pec.alfa.example", "5.2.2", "552 full"}},
                                   envelope);
    REQUIRE(world.run(bounce(both), queue_file).verdict == Verdict::accept);
    REQUIRE(queue_file.internal_recipients.size() == 2);
    const auto copy = copy_of(both, {queue_file.internal_recipients[1]}, alfa.address);
    RecordingQueueFile untouched;
    const auto outcome = world.run(copy, untouched);
    CHECK(outcome.verdict == Verdict::discard);
    CHECK_FALSE(outcome.alert);
    CHECK(untouched.edits.empty());
  }
  CHECK(incidents(world).empty());
  CHECK(world.ledger().claimed.empty());
  REQUIRE(world.services.tally->store(world.ledger(), "node"));
  CHECK(world.ledger().counts[counted] == 1);
}

TEST_CASE("an internal recipient that failed is noted even while the user's notice waits",
          "[rule:6]") {
  MilterWorld world(alfa);
  const auto acceptance =
      internal(InternalEvent::acceptance, "anna@pec.alfa.example", pec_id, world);
  RecordingQueueFile queue_file;
  const auto outcome = world.run(
      bounce(notification(
          {{acceptance, "4.4.1", "refused"}, {"bruno@pec.beta.example", "5.1.1", "no"}}, envelope)),
      queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  REQUIRE(incidents(world).size() == 1);
  CHECK(incidents(world).front().what == "accettazione");
  CHECK(incidents(world).front().copy.ends_with(envelope));
}

TEST_CASE("a notice that is made beside an incident alarms the operator", "[rule:6]") {
  auto world = knowing_world();
  const auto acceptance =
      internal(InternalEvent::acceptance, "anna@pec.alfa.example", pec_id, world);
  const auto both = bounce(notification(
      {{acceptance, "4.4.1", "refused"}, {"bruno@pec.beta.example", "5.1.1", "no"}}, envelope));
  RecordingQueueFile notice;
  const auto outcome = world.run(both, notice);
  CHECK(outcome.verdict == Verdict::accept);
  CHECK(outcome.alert);
  CHECK(classified(notice.message()).message->kind == EventKind::non_delivery);
  REQUIRE(incidents(world).size() == 1);
  CHECK(incidents(world).front().event_at == morning);
  CHECK(incidents(world).front().at == world.clock().now());

  // If the incident can't be stored, the bounce stays, which reports both.
  world.ledger().records_nothing = true;
  RecordingQueueFile untouched;
  const auto waits = world.run(both, untouched);
  CHECK(waits.reply.code == "451");
  CHECK(untouched.edits.empty());
}

TEST_CASE("a forged internal recipient makes an incident that nothing can be made of", "[rule:6]") {
  MilterWorld world(alfa);
  auto forged = internal(InternalEvent::acceptance, "anna@pec.alfa.example", "other@id", world);
  RecordingQueueFile queue_file;
  const auto outcome =
      world.run(bounce(notification({{forged, "4.4.1", "refused"}}, envelope)), queue_file);
  CHECK(outcome.verdict == Verdict::accept);
  REQUIRE(incidents(world).size() == 1);
  CHECK(incidents(world).front().what == "not genuine");
  CHECK(incidents(world).front().copy.empty());
}

TEST_CASE("a delivered message is not reported lost because its receipt waits", "[rule:5]") {
  auto world = knowing_world();
  const auto waits = internal(InternalEvent::delivery, "carla@pec.alfa.example", pec_id, world);
  const auto message = [](const std::string& words) {
    return notification({{"carla@pec.alfa.example", "4.2.0", "451 4.2.0 " + words}}, envelope);
  };
  RecordingQueueFile delivered;
  REQUIRE(world.run(bounce(message("Delivered, the receipt waits: " + waits)), delivered).verdict ==
          Verdict::accept);
  CHECK(world.ledger().claimed.empty());
  REQUIRE(incidents(world).size() == 1);
  CHECK(incidents(world).front().what == "consegna");

  // An answer with an internal recipient of another message, or of another sort, is only words.
  for (const auto& words :
       {internal(InternalEvent::delivery, "carla@pec.alfa.example", "x@y", world),
        std::string("a.b.consegna.pec.internal")}) {
    const auto failed = world.accepted(bounce(message(words)));
    CHECK(classified(failed.message()).what == IncomingClass::correct);
  }
}

TEST_CASE("other messages go on to their recipients", "[rule:6]") {
  MilterWorld world(alfa);
  RecordingQueueFile queue_file;
  const auto outcome = world.run(bounce(message_of("Subject: x\r\n\r\ny\r\n")), queue_file);
  CHECK(outcome.verdict == Verdict::accept);
  CHECK_THAT(outcome.log, !Contains("reason=\"\""));
  CHECK(queue_file.edits.empty());
}

TEST_CASE("a bounce of ordinary mail to a mailbox of ours is ordinary mail",
          "[rule:4][rule:3.2.2]") {
  MilterWorld world(alfa);
  const auto message = notification({{"bruno@pec.alfa.example", "5.2.2", "552 full"}},
                                    "Subject: x\r\nX-Trasporto: errore\r\n\r\ny\r\n");
  SECTION("an open one") {
    const auto queue_file = world.accepted(bounce(message));
    const auto wrapped = queue_file.message();
    CHECK(wrapped.header.unfolded("X-Trasporto") == "errore");
    CHECK(wrapped.header.unfolded("From").ends_with("<" + alfa.address + ">"));
    CHECK(queue_file.recipients.empty());
  }
  SECTION("a closed one, or a revoked one") {
    world.ledger().statuses["anna@pec.alfa.example"] =
        GENERATE(MailboxStatus{.closed = true}, MailboxStatus{.state = MailboxState::revoked});
    RecordingQueueFile queue_file;
    const auto outcome = world.run(bounce(message), queue_file);
    CHECK(outcome.verdict == Verdict::discard);
    CHECK(queue_file.edits.empty());
  }
  SECTION("to others it goes as it is") {
    auto theirs = bounce(message);
    theirs.recipients = {GENERATE("gianni@ordinaria.example", "dario@pec.beta.example")};
    const auto queue_file = world.accepted(theirs);
    CHECK(queue_file.edits.empty());
  }
}

TEST_CASE("a request for a notice is answered from the log", "[rule:6][rule:3.1.6]") {
  auto world = knowing_world();
  const auto [event, code] = GENERATE(table<InternalEvent, std::string>(
      {{InternalEvent::early_notice, "4.4.1"}, {InternalEvent::timeout_notice, "5.4.1"}}));
  const auto queue_file = world.accepted(request(event, world));
  CHECK(queue_file.recipients == std::vector<std::string>{"anna@pec.alfa.example"});
  const auto notice = queue_file.message();
  const auto found = classified(notice);
  REQUIRE(found.what == IncomingClass::correct);
  CHECK(notice.header.unfolded("X-Ricevuta") == "preavviso-errore-consegna");
  CHECK(found.message->data.error_detail.starts_with(code + " - PEC Alfa S.p.A. - "));

  // Nobody else can ask for it, nor for another message.
  RecordingQueueFile other;
  auto of_another = request(event, world);
  of_another.recipients = {
      internal(event, "bruno@pec.beta.example", "other@pec.alfa.example", world)};
  CHECK(world.run(of_another, other).verdict == Verdict::refuse);
}

TEST_CASE("a receipt that may never be made is an incident", "[rule:6][rule:8.5]") {
  auto world = knowing_world();
  const auto event = GENERATE(InternalEvent::early_notice, InternalEvent::timeout_notice);
  RecordingQueueFile queue_file;
  const auto outcome =
      world.run(copy_of(message_of("Message-ID: <" + pec_id + ">\r\n\r\n"),
                        {internal(event, "dario@ordinaria.example", pec_id, world)}, alfa.address),
                queue_file);
  CHECK(outcome.verdict == Verdict::discard);
  CHECK(outcome.alert);
  REQUIRE(incidents(world).size() == 1);
  CHECK_THAT(outcome.log,
             Contains("pecid=<" + pec_id + ">") && Contains("not a certified recipient"));
  CHECK(incidents(world).front().what == wire_name(event));
  CHECK(incidents(world).front().pec_id == pec_id);
  CHECK(incidents(world).front().recipient == "dario@ordinaria.example");
  CHECK(incidents(world).front().event_at == morning);
  CHECK(incidents(world).front().at == world.clock().now());
  CHECK_THAT(incidents(world).front().detail, Contains("not a certified recipient"));
}

TEST_CASE("a copy out of the queue that nothing may be made of is refused, so that it bounces",
          "[rule:6]") {
  MilterWorld world(alfa);
  RecordingQueueFile queue_file;
  const auto outcome = world.run(
      copy_of(simple_envelope(),
              {internal(InternalEvent::take_charge, "dario@ordinaria.example", pec_id, world)}),
      queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(outcome.reply.code == "550");
  CHECK(outcome.alert);
  CHECK(queue_file.edits.empty());
}

TEST_CASE("bounces of receipts go to the operators, and another provider's to that one",
          "[rule:5]") {
  MilterWorld world(alfa);
  const auto of_a_receipt =
      notification({{"anna@pec.alfa.example", "5.2.2", "552 full"}},
                   "X-Ricevuta: accettazione\r\nMessage-ID: <r@x.example>\r\n\r\nx", false);
  auto ours = bounce(of_a_receipt), theirs = bounce(of_a_receipt);
  ours.recipients = {alfa.address};
  theirs.recipients = {beta.address};
  RecordingQueueFile to_us, to_them;
  CHECK(world.run(ours, to_us).verdict == Verdict::accept);
  CHECK(to_us.recipients == std::vector<std::string>{"postmaster@pec.alfa.example"});
  CHECK(world.run(theirs, to_them).verdict == Verdict::accept);
  CHECK(to_them.edits.empty());
}

TEST_CASE("a failure at a revoked mailbox's kept home names that mailbox", "[rule:4][rule:6]") {
  MilterWorld world(alfa);
  auto lost =
      bounce(notification({{"anna@pec.alfa.example.kept.pec.internal", "5.2.2", "552 full"}},
                          "X-Ricevuta: accettazione\r\nMessage-ID: <r@x.example>\r\n\r\nx"));
  lost.recipients = {alfa.address};
  RecordingQueueFile queue_file;
  const auto outcome = world.run(lost, queue_file);
  CHECK(outcome.verdict == Verdict::accept);
  CHECK(outcome.alert);
  REQUIRE(incidents(world).size() == 1);
  const auto incident = incidents(world).front();
  CHECK(incident.what == "lost accettazione");
  CHECK(incident.recipient == "anna@pec.alfa.example");
  CHECK_THAT(incident.detail, Contains("to anna@pec.alfa.example: 5.2.2"));
}

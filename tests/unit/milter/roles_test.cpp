// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/handling.hpp"
#include "milter/reply.hpp"
#include "support/results.hpp"
#include "unit/milter/world.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;

namespace {

class BrokenSigner final : public Signer {
public:
  Result<std::string> sign(const mime::Rope&, Instant) const override {
    throw std::runtime_error("the key is gone");
  }
  Result<void> may_sign(Instant) const override { return {}; }
  const std::string& address() const override { return alfa.address; }
};

}  // namespace

TEST_CASE("a submission becomes an envelope in the same queue file", "[rule:1]") {
  MilterWorld world(alfa);
  RecordingQueueFile queue_file;
  const auto outcome = world.run(submission(), queue_file);
  CHECK(outcome.verdict == Verdict::accept);
  CHECK(
      outcome.log.starts_with("4ABC: role=access action=replace "
                              "pecid=<20261122041122.n1@pec.alfa.example> "
                              "from=<anna@pec.alfa.example> nrcpt=3 size="));
  const auto found = classified(queue_file.message());
  CHECK(found.what == IncomingClass::correct);
  CHECK(queue_file.recipients.empty());
  REQUIRE(queue_file.internal_recipients.size() == 2);
  CHECK(queue_file.internal_recipients[0].ends_with(".accettazione.pec.internal"));
  CHECK(queue_file.internal_recipients[1].ends_with(".presa.pec.internal"));
  CHECK(world.ledger().recorded.empty());
}

TEST_CASE("the whole way: envelope, take-charge, delivery", "[rule:1]") {
  MilterWorld sender(alfa), receiver(beta);
  const auto envelope = sender.accepted(submission());

  // The acceptance, at the sender's provider.
  const auto acceptance =
      sender.accepted(copy_of(envelope.message(), {envelope.internal_recipients[0]}));
  CHECK(acceptance.recipients == std::vector<std::string>{"anna@pec.alfa.example"});
  CHECK(acceptance.message().header.unfolded("X-Ricevuta") == "accettazione");
  CHECK(sender.ledger().claimed.at(0).events.size() == 2);

  // The incoming point of the recipient's provider.
  const auto incoming = receiver.accepted(arriving(envelope.message()));
  REQUIRE(incoming.edits.size() == 1);
  REQUIRE(incoming.internal_recipients.size() == 1);

  const auto take_charge =
      receiver.accepted(copy_of(envelope.message(), incoming.internal_recipients));
  CHECK(take_charge.recipients == std::vector<std::string>{"ricevute@pec.alfa.example"});

  // The delivery point reports.
  const auto report = format_internal(
      {InternalEvent::delivery, "bruno@pec.beta.example", morning + std::chrono::seconds(65)},
      "20261122041122.n1@pec.alfa.example", *receiver.services.delivery_point);
  const auto delivery = receiver.accepted(copy_of(envelope.message(), {*report}));
  CHECK(delivery.message().header.unfolded("Date") == "Sun, 22 Nov 2026 05:12:27 +0100");

  // Back at the sender's provider.
  const auto received = sender.accepted(arriving(delivery.message(), {"anna@pec.alfa.example"},
                                                 "posta-certificata@pec.beta.example"));
  CHECK(received.edits.empty());
  REQUIRE(sender.ledger().recorded.size() == 1);
  CHECK(sender.ledger().recorded[0].steps.at(0).step == DispatchStep::Step::delivered);
}

TEST_CASE("a copy that comes twice gives the same receipt", "[rule:5]") {
  MilterWorld world(alfa);
  const auto envelope = world.accepted(submission());
  const auto copy = copy_of(envelope.message(), {envelope.internal_recipients[0]});
  const auto first = world.accepted(copy);
  const auto second = world.accepted(copy);
  CHECK(first.header == second.header);
  CHECK(first.body == second.body);
}

TEST_CASE("a take-charge names only recipients that no other one names", "[rule:2.2.2]") {
  MilterWorld sender(alfa), receiver(beta);
  const std::string bruno = "bruno@pec.beta.example", carla = "carla@pec.beta.example";
  auto to_both = submission();
  to_both.message = message_of(text::replace_all(simple_original, bruno, bruno + ", " + carla));
  to_both.recipients = {bruno, carla};
  const auto envelope = sender.accepted(to_both);
  const auto delivered =
      receiver.accepted(arriving(envelope.message(), to_both.recipients, to_both.sender));
  const auto copy = copy_of(envelope.message(), delivered.internal_recipients, to_both.sender);
  REQUIRE(copy.recipients.size() == 2);

  receiver.ledger().told = {bruno};
  auto take_charge = receiver.accepted(copy);
  REQUIRE(receiver.ledger().claimed.size() == 1);
  const auto made = classified(take_charge.message());
  REQUIRE(made.what == IncomingClass::correct);
  CHECK(recipients_concerned(made.message->data) == std::vector{carla});

  receiver.ledger().told = {bruno, carla};
  const auto nothing = receiver.run(copy, take_charge);
  CHECK(nothing.verdict == Verdict::discard);
  CHECK_FALSE(nothing.alert);
  CHECK(receiver.ledger().claimed.size() == 1);
}

TEST_CASE("known means stored: an envelope is a duplicate once its committed copy was there",
          "[rule:4][rule:8.5]") {
  MilterWorld sender(alfa), receiver(beta);
  const auto envelope = sender.accepted(submission());
  const auto coming = arriving(envelope.message());
  const auto first = receiver.accepted(coming);

  // The mail server has failed to commit it: all of it comes again.
  const auto retry = receiver.accepted(coming);
  REQUIRE(first.internal_recipients.size() == 1);
  REQUIRE(retry.internal_recipients.size() == 1);
  CHECK_THAT(retry.internal_recipients[0], Catch::EndsWith(".presa.pec.internal"));

  receiver.accepted(copy_of(envelope.message(), {retry.internal_recipients[0]}));
  RecordingQueueFile replay;
  const auto again = receiver.run(coming, replay);
  CHECK(again.verdict == Verdict::accept);  // the journal at the mailbox drops it
  CHECK_FALSE(again.alert);
  CHECK(replay.edits.empty());

  SECTION("and another message under the same id is an anomaly, with one alert for a flood") {
    auto other = submission();
    other.message = message_of(text::replace_all(simple_original, "Ciao.", "Addio."));
    MilterWorld twin(alfa);  // a second message with the same id
    const auto second = twin.accepted(other);
    auto forged = coming;
    forged.message = second.message();
    RecordingQueueFile anomaly, anomaly_again;
    const auto caught = receiver.run(forged, anomaly);
    CHECK(caught.alert);
    CHECK(anomaly.message().header.unfolded("X-Trasporto") == "errore");
    REQUIRE(anomaly.internal_recipients.size() == 1);  // no take-charge
    CHECK_THAT(anomaly.internal_recipients[0], Catch::Contains(".anomalia."));
    CHECK_FALSE(receiver.run(forged, anomaly_again).alert);
  }
  SECTION("without the ledger it waits") {
    receiver.ledger().down = true;
    RecordingQueueFile waiting;
    CHECK(receiver.run(coming, waiting).reply.code == "451");
  }
}

TEST_CASE("a receipt of our own that comes from outside is one that we know",
          "[rule:4][rule:8.5]") {
  MilterWorld sender(alfa);
  const auto envelope = sender.accepted(submission());
  const auto acceptance =
      sender.accepted(copy_of(envelope.message(), {envelope.internal_recipients[0]}));
  const auto coming =
      arriving(acceptance.message(), {"anna@pec.alfa.example"}, "gianni@ordinaria.example");
  RecordingQueueFile replay;
  const auto again = sender.run(coming, replay);
  CHECK(again.verdict == Verdict::accept);  // the journal at the mailbox drops it
  CHECK_FALSE(again.alert);
  CHECK(replay.edits.empty());
  CHECK(sender.ledger().recorded.empty());

  sender.clock().advance(journal_memory);
  RecordingQueueFile late;
  CHECK(sender.run(coming, late).verdict == Verdict::accept);  // it may have failed since
  CHECK(sender.ledger().recorded.empty());

  sender.ledger().identities.begin()->second.at += std::chrono::seconds(1);
  RecordingQueueFile another;  // of another time: another message
  CHECK(sender.run(coming, another).verdict == Verdict::accept);
}

TEST_CASE("a provider's message in wrong form comes once, whatever its header says",
          "[rule:4][rule:8.5]") {
  MilterWorld sender(alfa), receiver(beta);
  receiver.ledger().closed_mailboxes = {"bruno@pec.beta.example"};
  const auto envelope = sender.accepted(submission());
  const auto changed = [&](const std::string& subject,
                           const std::string& recipient = "bruno@pec.beta.example") -> Transaction {
    auto whole = envelope.message().wire().str();
    const auto other = text::replace_all(whole, "\r\nSubject: POSTA CERTIFICATA: Prova",
                                         "\r\nSubject: POSTA CERTIFICATA: " + subject);
    REQUIRE(other != whole);
    return arriving(message_of(other), {recipient});
  };
  RecordingQueueFile first;
  REQUIRE(receiver.run(changed("Altro", "Bruno@PEC.Beta.example"), first).verdict ==
          Verdict::accept);
  CHECK(first.message().header.unfolded("X-Trasporto") == "errore");
  REQUIRE(first.internal_recipients.size() == 1);
  CHECK_THAT(first.internal_recipients[0], Catch::Contains(".anomalia.pec.internal"));

  // Not committed, so far as anybody knows: wrapped again, in an envelope of the same name.
  const auto uncommitted = receiver.accepted(changed("Ancora"));
  const auto name_of = [](const RecordingQueueFile& queue_file) {
    return queue_file.message().header.unfolded("Content-Type");  // the boundary has it
  };
  CHECK(name_of(uncommitted) == name_of(first));
  CHECK(uncommitted.internal_recipients.size() == 1);

  RecordingQueueFile noted;
  const auto kept = receiver.run(copy_of(first.message(), {first.internal_recipients[0]}), noted);
  CHECK(kept.verdict == Verdict::discard);
  CHECK_FALSE(kept.alert);
  CHECK_THAT(kept.log, !Catch::Contains("pecid=<>") && Catch::Contains("reason=\"anomaly kept\""));
  for (int i = 0; i < 3; ++i) {
    RecordingQueueFile again;
    const auto dropped = receiver.run(changed(fmt::format("Altro {}", i)), again);
    CHECK(dropped.verdict == Verdict::discard);
    CHECK_FALSE(dropped.alert);
    CHECK(again.edits.empty());
  }

  SECTION("and goes on alone to whoever does not have it") {
    auto both = changed("Due");
    both.recipients.push_back("elena@pec.beta.example");
    const auto other = receiver.accepted(both);
    CHECK(other.recipients == std::vector<std::string>{"elena@pec.beta.example"});
    REQUIRE(other.internal_recipients.size() == 1);
    CHECK_THAT(other.internal_recipients[0], Catch::StartsWith("elena@"));
  }
  SECTION("a copy of another message proves nothing") {
    auto forged = first.message();
    forged.body =
        mime::Bytes::of(text::replace_all(std::string(forged.body.view), "Ciao.", "Addio"));
    RecordingQueueFile nothing;
    CHECK(receiver.run(copy_of(forged, {first.internal_recipients[0]}, ""), nothing).verdict ==
          Verdict::refuse);
  }
}

TEST_CASE("an envelope of ours that comes back for somebody else goes to him", "[rule:4][rule:5]") {
  MilterWorld sender(alfa);
  RecordingQueueFile back, back_late, named;
  const auto envelope = sender.accepted(submission());
  sender.accepted(copy_of(envelope.message(), {envelope.internal_recipients[0]}));
  const auto redirected = [&](const std::string& recipient) -> Transaction {
    return arriving(envelope.message(), {recipient});
  };
  // Bruno, at beta, redirects it to Franco, who is not named in it: he gets it, without evidence.
  CHECK(sender.run(redirected("franco@pec.alfa.example"), back).verdict == Verdict::accept);
  CHECK(back.edits.empty());
  CHECK(sender.run(redirected("carla@pec.alfa.example"), named).verdict == Verdict::accept);
  CHECK(named.edits.empty());  // she has it: no second take-charge
  sender.clock().advance(journal_memory);
  CHECK(sender.run(redirected("franco@pec.alfa.example"), back_late).verdict == Verdict::accept);
  auto changed = redirected("franco@pec.alfa.example");
  changed.message.header.add("Resent-From", "bruno@pec.beta.example");
  RecordingQueueFile anomaly;
  CHECK(sender.run(changed, anomaly).verdict == Verdict::accept);
  CHECK(anomaly.message().header.unfolded("X-Trasporto") == "errore");
}

TEST_CASE("an infected envelope for somebody whom it does not name is not kept again", "[rule:4]") {
  MilterWorld receiver(beta);
  receiver.services.scanner = std::make_unique<MarkScanner>();
  const auto infected = [] {
    return sent(decide_access(message_of(text::replace_all(simple_original, "Ciao.", "EICAR")),
                              simple_submission(), access_facts()),
                alfa);
  }();
  auto& store = static_cast<MemoryStore&>(*receiver.services.virus_store);
  for (int i = 0; i < 3; ++i) {
    RecordingQueueFile nothing;
    const auto outcome =
        receiver.run(arriving(infected, {"eva@pec.beta.example"}, "x@o.example"), nothing);
    CHECK(outcome.verdict == Verdict::discard);
    CHECK_FALSE(outcome.alert);
  }
  CHECK(store.kept.empty());
}

TEST_CASE("an envelope that is stored comes no more with another header", "[rule:4]") {
  MilterWorld sender(alfa), receiver(beta);
  RecordingQueueFile replay;
  const auto envelope = sender.accepted(submission());
  const auto arrival = [](mime::Message message) -> Transaction {
    return arriving(std::move(message));
  };
  const auto incoming = receiver.accepted(arrival(envelope.message()));
  receiver.accepted(copy_of(envelope.message(), {incoming.internal_recipients[0]}));
  auto changed = envelope.message();
  changed.header.add("Sender", "mallory@ordinaria.example");
  CHECK(receiver.run(arrival(changed), replay).verdict == Verdict::discard);
}

TEST_CASE("a forged internal recipient gets nothing signed") {
  MilterWorld world(alfa);
  RecordingQueueFile queue_file;
  const auto envelope = world.accepted(submission());
  auto forged = envelope.internal_recipients[0];
  forged = text::replace_all(forged, "anna@", "eva@");
  const auto outcome = world.run(copy_of(envelope.message(), {forged}), queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(queue_file.edits.empty());
  CHECK(world.ledger().claimed.empty());
  CHECK_THAT(outcome.log, Catch::Contains("wrong mac"));
}

TEST_CASE("a delivery to somebody whom the envelope does not certify makes no evidence",
          "[rule:8.5]") {
  MilterWorld world(beta);
  RecordingQueueFile queue_file;
  const auto envelope = simple_envelope();
  const auto report =
      format_internal({InternalEvent::delivery, "eva@pec.beta.example", morning},
                      bare_message_id(envelope.header), *world.services.delivery_point);
  const auto outcome = world.run(copy_of(envelope, {*report}), queue_file);
  CHECK(outcome.verdict == Verdict::discard);
  CHECK_FALSE(outcome.alert);  // it was passed on to her: nobody owes her anything
  CHECK(world.ledger().claimed.empty());
  CHECK(world.ledger().recorded.empty());
}

TEST_CASE("no receipt is signed unlogged", "[rule:8.5]") {
  MilterWorld world(alfa);
  RecordingQueueFile queue_file;
  const auto envelope = world.accepted(submission());
  world.ledger().down = true;
  const auto outcome =
      world.run(copy_of(envelope.message(), {envelope.internal_recipients[0]}), queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(queue_file.edits.empty());
}

TEST_CASE("the client keeps the message, whatever goes wrong") {
  RecordingQueueFile queue_file;
  SECTION("an exception") {
    std::vector<SigningIdentity> us;
    us.push_back({alfa, "", std::make_unique<BrokenSigner>()});
    MilterWorld world(Identities(std::move(us)));
    const auto outcome = world.run(submission(), queue_file);
    CHECK(outcome.verdict == Verdict::refuse);
    CHECK_THAT(outcome.log, Catch::Contains("the key is gone"));
    CHECK_THAT(outcome.reply.text, !Catch::Contains("key"));
  }
  SECTION("the mail server goes away during the edits") {
    queue_file.failing_edit = 1;
    CHECK(MilterWorld(alfa).run(submission(), queue_file).verdict == Verdict::refuse);
  }
}

TEST_CASE("in the last hours of its certificate nothing is signed, and nothing is lost",
          "[rule:4]") {
  auto signer = std::make_unique<MarkSigner>(alfa);
  auto& key = *signer;
  std::vector<SigningIdentity> all;
  all.push_back({alfa, "", std::move(signer)});
  MilterWorld world(Identities(std::move(all)));
  const auto envelope = world.accepted(submission());
  const auto copy = copy_of(envelope.message(), {envelope.internal_recipients[0]});

  key.stops_at = morning;  // the clock says so, though the event was before
  for (const auto& transaction : {submission(), copy}) {
    RecordingQueueFile queue_file;
    const auto outcome = world.run(transaction, queue_file);
    CHECK(outcome.verdict == Verdict::refuse);
    CHECK(outcome.reply.code == "451");
    CHECK(outcome.alert);
    CHECK_THAT(outcome.log, Catch::Contains("the certificate ends soon"));
    CHECK(queue_file.edits.empty());
  }
  key.stops_at = Instant::max();  // renewed
  RecordingQueueFile acceptance;
  CHECK(world.run(copy, acceptance).verdict == Verdict::accept);
  CHECK(acceptance.message().header.unfolded("X-Ricevuta") == "accettazione");
}

TEST_CASE("a submission that fails the checks becomes a notice to its sender", "[rule:3.1.2]") {
  MilterWorld world(alfa);
  RecordingQueueFile queue_file;
  auto transaction = submission();
  transaction.message = message_of("Bcc: x@y.example\r\n" + simple_original);
  const auto outcome = world.run(transaction, queue_file);
  CHECK(outcome.verdict == Verdict::accept);
  CHECK_FALSE(outcome.alert);
  CHECK_THAT(outcome.log, Catch::Contains("action=replace") && Catch::Contains("Bcc"));
  CHECK(queue_file.edits.back() == "add anna@pec.alfa.example");
  CHECK(std::count(queue_file.edits.begin(), queue_file.edits.end(), "from " + alfa.address) == 1);
  CHECK(queue_file.recipients == std::vector<std::string>{"anna@pec.alfa.example"});
  CHECK(queue_file.internal_recipients.empty());
  CHECK(queue_file.message().header.unfolded("X-Ricevuta") == "non-accettazione");
  CHECK(world.ledger().recorded.size() == 1);

  world.ledger().down = true;
  RecordingQueueFile untouched;
  CHECK(world.run(transaction, untouched).reply.code == "451");
  CHECK(untouched.edits.empty());
}

namespace {

struct ScannedWorld : MilterWorld {
  explicit ScannedWorld(const Identity& us) : MilterWorld(us) {
    services.scanner = std::make_unique<MarkScanner>();
  }
  MarkScanner& scanner() { return static_cast<MarkScanner&>(*services.scanner); }
  MemoryStore& store() { return static_cast<MemoryStore&>(*services.virus_store); }
};

Transaction infected_submission() {
  auto transaction = submission();
  transaction.message = message_of(simple_original + "EICAR\r\n");
  return transaction;
}

}  // namespace

TEST_CASE("an infected submission is kept as it came before its sender is told", "[rule:3.1.3]") {
  ScannedWorld world(alfa);
  RecordingQueueFile queue_file;
  CHECK(world.run(infected_submission(), queue_file).verdict == Verdict::accept);
  CHECK(queue_file.message().header.unfolded("X-VerificaSicurezza") == "errore");
  REQUIRE(world.store().kept.size() == 1);
  const auto& [about, content] = world.store().kept.front();
  CHECK(content == simple_original + "EICAR\r\n");
  CHECK(about.virus == "Eicar-Test");
  CHECK(about.role == "access");
  CHECK(about.sender == "anna@pec.alfa.example");
  CHECK(about.recipients.size() == 3);
  CHECK(about.message_id == "<client-1@pec.alfa.example>");
  CHECK_FALSE(about.pec_id.empty());

  world.store().down = true;
  RecordingQueueFile untouched;
  CHECK(world.run(infected_submission(), untouched).reply.code == "451");
  CHECK(untouched.edits.empty());
}

TEST_CASE("a blocked mailbox's message under way is refused, and nothing of it is kept",
          "[rule:2]") {
  ScannedWorld world(alfa);
  world.ledger().statuses["anna@pec.alfa.example"] = {.state = MailboxState::blocked};
  for (const auto& transaction : {submission(), infected_submission()}) {
    RecordingQueueFile queue_file;
    const auto outcome = world.run(transaction, queue_file);
    CHECK(outcome.reply.code == "550");
    CHECK(outcome.reply.enhanced == "5.7.1");
    CHECK_FALSE(outcome.alert);
    CHECK(queue_file.edits.empty());
  }
  CHECK(world.store().kept.empty());
  CHECK(world.ledger().recorded.empty());
  world.ledger().down = true;
  RecordingQueueFile queue_file;
  CHECK(world.run(submission(), queue_file).reply.code == "451");
}

TEST_CASE("an infected submission is kept once however often it comes, and each notice names it",
          "[rule:3.1.3][rule:8.5]") {
  ScannedWorld world(alfa);
  std::set<std::string> dispatches;
  for (int i = 0; i < 3; ++i) {
    world.accepted(infected_submission());
    REQUIRE(world.store().kept.size() == 1);
    const auto& lines = world.ledger().recorded.back().events;
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].kind == EventKind::non_acceptance);
    CHECK(lines[0].identity == world.store().kept.front().first.id);
    dispatches.insert(lines[0].pec_id);
  }
  CHECK(dispatches.size() == 3);

  RecordingQueueFile queue_file;
  auto other_login = infected_submission(), other_bytes = infected_submission();
  other_login.login = "carla@pec.alfa.example";
  other_bytes.message = message_of(simple_original + "EICAR.\r\n");
  for (const auto& other : {other_login, other_bytes})
    CHECK(world.run(other, queue_file).verdict == Verdict::accept);
  CHECK(world.store().kept.size() == 3);
}

TEST_CASE("an infected envelope is kept once, whatever is written around what is signed",
          "[rule:3.2.3][rule:8.5]") {
  MilterWorld sender(alfa);
  ScannedWorld receiver(beta);
  const auto envelope = sender.accepted(infected_submission());
  for (const std::string retry : {"", "1", "2"}) {
    auto message = envelope.message();
    message.header.add("X-Retry", retry);
    RecordingQueueFile incoming;
    CHECK(receiver
              .run(arriving(message, {"bruno@pec.beta.example"}, "x" + retry + "@o.example"),
                   incoming)
              .verdict == Verdict::accept);
    CHECK(incoming.internal_recipients.size() == 1);
  }
  REQUIRE(receiver.store().kept.size() == 1);
  CHECK(receiver.store().kept.front().first.id == classified(envelope.message()).identity);
}

TEST_CASE("mail that its mailbox refuses anyway is not scanned, unless a provider has signed it",
          "[rule:4]") {
  ScannedWorld world(beta);
  const std::string bruno = "bruno@pec.beta.example";
  world.ledger().closed_mailboxes = {bruno};
  const auto answer_to = [&](const mime::Message& message) {
    auto transaction = arriving(message, {}, "x@ordinaria.example");
    REQUIRE_FALSE(admit(transaction, bruno, world.services));
    transaction.recipients = {bruno};
    RecordingQueueFile queue_file;
    return world.run(transaction, queue_file);
  };
  CHECK_THAT(answer_to(message_of(simple_original + "EICAR\r\n")).reply.text,
             Catch::Contains("riceve solo posta certificata"));
  world.scanner().failure = ScanResult::Failure::error;
  CHECK(answer_to(message_of(simple_original)).reply.code == "550");
  for (const auto& message : {simple_envelope(), malformed_envelope()})
    CHECK_THAT(answer_to(message).log, Catch::Contains("not scanned for viruses"));
  CHECK(world.store().kept.empty());
}

TEST_CASE("nothing unscanned is certified, unless the administrator has said so", "[rule:2]") {
  using Policy = decltype(MilterWorld::services.unscanned);
  const std::vector<std::pair<ScanResult::Failure, Fallback Policy::*>> cases{
      {ScanResult::Failure::no_engine, &Policy::no_engine},
      {ScanResult::Failure::old_database, &Policy::old_database},
      {ScanResult::Failure::error, &Policy::error},
      {ScanResult::Failure::timeout, &Policy::timeout}};
  for (const auto& [failure, fallback] : cases) {
    ScannedWorld world(alfa);
    world.scanner().failure = failure;
    RecordingQueueFile untouched;
    const auto waits = world.run(submission(), untouched);
    CHECK(waits.reply.code == "451");
    CHECK(waits.alert);
    CHECK_THAT(waits.log, Catch::Contains("not scanned for viruses: no database"));
    CHECK(untouched.edits.empty());

    world.services.unscanned.*fallback = Fallback::pass;
    RecordingQueueFile queue_file;
    const auto goes_on = world.run(submission(), queue_file);
    CHECK(goes_on.verdict == Verdict::accept);
    CHECK(goes_on.alert);
    CHECK_THAT(goes_on.log, Catch::Contains("passed unscanned: no database"));
  }
}

TEST_CASE("mail that can't be scanned alarms once, however much there is", "[rule:8.5]") {
  ScannedWorld world(alfa);
  const auto alerts_of_fifty = [&] {
    int raised = 0;
    for (int i = 0; i < 50; ++i) {
      RecordingQueueFile queue_file;
      raised += world.run(submission(), queue_file).alert ? 1 : 0;
    }
    return raised;
  };
  world.scanner().failure = ScanResult::Failure::error;
  CHECK(alerts_of_fifty() == 1);
  world.services.unscanned.error = Fallback::pass;
  CHECK(alerts_of_fifty() == 1);
  const auto gathered = world.services.tally->gathered(Tally::When::now);
  REQUIRE(gathered.size() == 2);
  CHECK_THAT(gathered[0], Catch::StartsWith("alert: 49 more of \"not scanned for viruses\""));
  CHECK_THAT(gathered[1], Catch::StartsWith("alert: 49 more of \"passed unscanned\""));
}

TEST_CASE("mail that anybody can make wait hides no outage", "[rule:8.5]") {
  ScannedWorld world(beta);
  const auto role = Role::incoming;
  const auto is_alert = [&] {
    RecordingQueueFile queue_file;
    const auto outcome = world.run(
        {role, "I1", "", "a@pec.alfa.example", {"bruno@pec.beta.example"}, simple_envelope()},
        queue_file);
    CHECK(outcome.verdict == Verdict::refuse);
    return outcome.alert;
  };
  CHECK(world.services.tally->alert_of_waiting(role, ErrorSource::load));
  world.scanner().failure = ScanResult::Failure::timeout;
  CHECK(is_alert());
  CHECK_FALSE(is_alert());
  world.scanner().failure = ScanResult::Failure::no_engine;
  CHECK(is_alert());
  CHECK_FALSE(is_alert());
  world.scanner().failure = ScanResult::Failure::none;
  world.ledger().down = true;
  CHECK(is_alert());
  CHECK_FALSE(is_alert());
  world.ledger().down = false;
  REQUIRE(world.services.tally->store(world.ledger(), "mx"));
  CHECK(world.ledger().counts ==
        std::map<std::string, std::uint64_t>{{"not scanned for viruses", 2},
                                             {"tempfail, pec-incoming, ledger", 2},
                                             {"tempfail, pec-incoming, load", 1},
                                             {"tempfail, pec-incoming, scanner", 2}});
}

TEST_CASE("a message of more parts than can be certified is refused, scanned or not", "[rule:2]") {
  ScannedWorld world(alfa);
  world.scanner().failure = ScanResult::Failure::error;
  auto transaction = submission();
  std::string messages = "Content-Type: message/rfc822\r\n\r\n";
  messages = text::replace_all(std::string(500, '.'), ".", messages);
  transaction.message = message_of(
      text::replace_all(simple_original, "\r\n\r\nCiao.\r\n", "\r\n" + messages + "\r\nx\r\n"));
  RecordingQueueFile queue_file;
  CHECK(world.run(transaction, queue_file).verdict == Verdict::accept);
  CHECK(queue_file.message().header.unfolded("X-Ricevuta") == "non-accettazione");
}

TEST_CASE("a virus that the sender's provider missed: detection, notice, the whole way",
          "[rule:6][rule:3.2.3][rule:3.2.4]") {
  MilterWorld sender(alfa);
  ScannedWorld receiver(beta);
  RecordingQueueFile incoming, received;
  const auto envelope = sender.accepted(infected_submission());

  const auto caught = receiver.run(arriving(envelope.message()), incoming);
  CHECK(caught.verdict == Verdict::accept);
  CHECK(caught.alert);
  CHECK_THAT(caught.log, Catch::Contains("Eicar-Test"));
  CHECK(incoming.header.empty());  // the copy is the envelope itself
  CHECK(incoming.edits[1] == "drop bruno@pec.beta.example");
  CHECK(incoming.recipients.empty());
  REQUIRE(incoming.internal_recipients.size() == 1);
  REQUIRE(receiver.store().kept.size() == 1);
  CHECK(receiver.store().kept.front().first.role == "incoming");

  const auto detection =
      receiver.accepted(copy_of(envelope.message(), incoming.internal_recipients));
  CHECK(detection.recipients == std::vector<std::string>{"ricevute@pec.alfa.example"});
  CHECK(detection.message().header.unfolded("X-Ricevuta") == "rilevazione-virus");

  // The same envelope again, after a lost answer, or from anybody: it is known, and stays out.
  RecordingQueueFile again;
  const auto dropped =
      receiver.run(arriving(envelope.message(), {"Bruno@PEC.beta.example"}), again);
  CHECK(dropped.verdict == Verdict::discard);
  CHECK(again.edits.empty());
  CHECK(receiver.store().kept.size() == 1);

  const auto told =
      sender.run(arriving(detection.message(), detection.recipients, beta.address), received);
  CHECK(told.verdict == Verdict::accept);
  CHECK(told.alert);
  REQUIRE(received.internal_recipients.size() == 1);
  const auto notice =
      sender.accepted(copy_of(detection.message(), received.internal_recipients, beta.address));
  CHECK(notice.recipients == std::vector<std::string>{"anna@pec.alfa.example"});
  CHECK(notice.message().header.unfolded("X-Ricevuta") == "errore-consegna");
}

TEST_CASE("receipts for who was revoked or renamed go to where his mail is kept", "[rule:4]") {
  const std::string anna = "anna@pec.alfa.example", now_called = "anna.bianchi@pec.alfa.example";
  MilterWorld sender(alfa);
  const auto envelope = sender.accepted(submission());
  const auto copy = copy_of(envelope.message(), {envelope.internal_recipients[0]}, anna);
  auto& statuses = sender.ledger().statuses;
  const auto goes_to = [&]() -> std::string {
    const auto made = sender.accepted(copy);
    auto all = made.recipients;
    all.insert(all.end(), made.internal_recipients.begin(), made.internal_recipients.end());
    return text::join(all, " ");
  };
  CHECK(goes_to() == anna);
  statuses[anna] = {.state = MailboxState::revoked};
  CHECK(goes_to() == anna + ".kept.pec.internal");
  statuses[anna] = {.state = MailboxState::retired, .renamed_to = now_called};
  CHECK(goes_to() == now_called);
  statuses[now_called] = {.state = MailboxState::revoked};
  CHECK(goes_to() == now_called + ".kept.pec.internal");
  statuses[now_called] = {.state = MailboxState::retired, .reason = "purged"};
  CHECK(goes_to() == now_called);
  statuses[now_called] = {.state = MailboxState::retired, .renamed_to = anna};
  RecordingQueueFile endless;
  CHECK(sender.run(copy, endless).reply.code == "451");

  statuses[anna] = {.state = MailboxState::revoked};
  const auto made = sender.accepted(copy);
  auto coming = arriving(made.message(), {}, alfa.address);
  REQUIRE_FALSE(admit(coming, anna, sender.services));
  CHECK(coming.takes == Takes::own_receipts);
  coming.recipients = {anna};
  const auto back = sender.accepted(coming);
  CHECK(back.internal_recipients == std::vector<std::string>{anna + ".kept.pec.internal"});
  CHECK(back.edits == std::vector<std::string>{"from " + alfa.address, "drop " + anna,
                                               "add " + anna + ".kept.pec.internal"});
}

TEST_CASE("a receipt that says the opposite of what is known goes in an anomaly envelope",
          "[rule:4][rule:8.5]") {
  MilterWorld sender(alfa), receiver(beta);
  RecordingQueueFile delivery, early, second;
  const auto envelope = sender.accepted(submission());
  const auto report =
      format_internal({InternalEvent::delivery, "bruno@pec.beta.example", morning},
                      "20261122041122.n1@pec.alfa.example", *receiver.services.delivery_point);
  REQUIRE(receiver.run(copy_of(envelope.message(), {*report}), delivery).verdict ==
          Verdict::accept);
  const auto coming =
      arriving(delivery.message(), {"anna@pec.alfa.example"}, "posta-certificata@pec.beta.example");
  CHECK(sender.run(coming, early).verdict == Verdict::accept);  // as it is, whatever the log lacks
  CHECK(early.edits.empty());
  enter_envelope(sender, envelope.message());
  sender.ledger().ends["20261122041122.n1@pec.alfa.example/bruno@pec.beta.example"] =
      DispatchStep::Step::failed;
  CHECK(sender.run(coming, second).verdict == Verdict::accept);
  CHECK(second.message().header.unfolded("X-Trasporto") == "errore");
}

TEST_CASE("an envelope in wrong form with a virus is kept, and the signer is told",
          "[rule:4][rule:3.2.3]") {
  MilterWorld sender(alfa);
  ScannedWorld receiver(beta);
  const auto envelope = sender.accepted(infected_submission());
  const auto whole = envelope.message().wire().str();
  const auto wrong = message_of(text::replace_all(whole, "\r\nX-Trasporto: posta-certificata", ""));
  const auto coming = arriving(wrong);
  const auto incoming = receiver.accepted(coming);
  CHECK(incoming.recipients.empty());
  REQUIRE(incoming.internal_recipients.size() == 1);
  REQUIRE(receiver.store().kept.size() == 1);
  CHECK(receiver.store().kept.front().first.pec_id == "20261122041122.n1@pec.alfa.example");
  const auto detection = receiver.accepted(copy_of(wrong, incoming.internal_recipients));
  CHECK(detection.recipients == std::vector<std::string>{"ricevute@pec.alfa.example"});
  CHECK(detection.message().header.unfolded("X-Ricevuta") == "rilevazione-virus");

  auto nobody = coming;
  nobody.recipients = {"eva@pec.beta.example"};  // the envelope does not name her
  RecordingQueueFile refused;
  CHECK(receiver.run(nobody, refused).reply.code == "550");
  REQUIRE(receiver.store().kept.size() == 1);  // the refusal's line names what is kept already
  CHECK(receiver.ledger().recorded.back().events.at(0).identity ==
        receiver.store().kept.front().first.id);
}

TEST_CASE("a sender who answers a receipt hears where to write to", "[rule:2]") {
  MilterWorld world(alfa);
  world.ledger().answers["r1@pec.beta.example"] = "bruno@pec.beta.example";
  auto transaction = submission();
  transaction.recipients.push_back(beta.address);
  transaction.message =
      message_of("References: <x@y.example> <r1@pec.beta.example>\r\n" +
                 text::replace_all(simple_original, "\r\nCc: ", "\r\nCc: " + beta.address + ", "));
  const auto notice = world.accepted(transaction);
  CHECK(notice.message().header.unfolded("X-Ricevuta") == "non-accettazione");
  CHECK_THAT(world.ledger().recorded.back().events.back().detail,
             Catch::Contains(beta.address + " (per rispondere scrivere a bruno@pec.beta.example)"));
}

TEST_CASE("closed mailboxes refuse ordinary mail for good, at the incoming point alone",
          "[rule:4]") {
  MilterWorld world(beta);
  world.ledger().closed_mailboxes = {"bruno@pec.beta.example"};
  auto transaction = arriving(message_of(simple_original), {}, "g@ordinaria.example");
  CHECK_FALSE(admit(transaction, "Bruno@PEC.beta.example", world.services));
  CHECK(transaction.takes == Takes::certified_mail);
  transaction.recipients = {"Bruno@PEC.beta.example"};

  const auto other = value_of(admit(transaction, "bice@pec.beta.example", world.services));
  CHECK(other.reply.code == "452");
  CHECK(other.reply.enhanced == "4.5.3");
  CHECK_FALSE(other.waits_for.has_value());

  RecordingQueueFile queue_file;
  const auto outcome = world.run(transaction, queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(outcome.reply.code == "550");
  CHECK(outcome.reply.enhanced == "5.7.1");
  CHECK(queue_file.edits.empty());
  CHECK(world.ledger().recorded.empty());

  world.ledger().down = true;
  const auto unknown = value_of(admit(transaction, "bruno@pec.beta.example", world.services));
  CHECK(unknown.reply.code == "451");
  CHECK(unknown.waits_for.has_value());
  auto submitting = submission();
  CHECK_FALSE(admit(submitting, "bruno@pec.beta.example", world.services));
}

TEST_CASE("a receipt under its own Message-ID again is the same, under another one a second",
          "[rule:8.5]") {
  MilterWorld sender(alfa), receiver(beta);
  RecordingQueueFile delivery;
  const auto envelope = sender.accepted(submission());
  const auto pec_id = classified(envelope.message()).message->data.pec_id;
  const auto delivered =
      *format_internal({InternalEvent::delivery, "bruno@pec.beta.example", morning}, pec_id,
                       *receiver.services.delivery_point);
  REQUIRE(receiver.run(copy_of(envelope.message(), {delivered}), delivery).verdict ==
          Verdict::accept);
  const auto come = [&](const mime::Message& message) {
    RecordingQueueFile queue_file;
    CHECK(sender.run(arriving(message, {"anna@pec.alfa.example"}, beta.address), queue_file)
              .verdict == Verdict::accept);
    REQUIRE(sender.services.tally->store(sender.ledger(), "node"));
    return std::pair(sender.ledger().recorded.size(), sender.ledger().counts["second receipt"]);
  };
  const auto receipt = delivery.message();
  const auto id = receipt.header.unfolded("Message-ID");
  CHECK(come(receipt) == std::pair(std::size_t{1}, std::uint64_t{0}));
  CHECK(come(receipt) == std::pair(std::size_t{1}, std::uint64_t{0}));
  const auto other =
      message_of(text::replace_all(receipt.wire().str(), id, "<other@pec.beta.example>"));
  CHECK(come(other) == std::pair(std::size_t{2}, std::uint64_t{1}));
}

TEST_CASE("a provider's own address is never taken for a user's mailbox", "[rule:5]") {
  MilterWorld world(alfa);
  for (const std::string address :
       {"ricevute@pec.alfa.example", "Posta-Certificata@PEC.alfa.example"}) {
    auto transaction = arriving(message_of(simple_original), {}, "g@ordinaria.example");
    CHECK_FALSE(admit(transaction, address, world.services));
    CHECK(transaction.takes == Takes::service);
    const auto user = value_of(admit(transaction, "anna@pec.alfa.example", world.services));
    CHECK(user.reply.enhanced == "4.5.3");
    transaction.recipients = {address};
    RecordingQueueFile queue_file;
    CHECK(world.run(transaction, queue_file).reply.code == "550");
  }
}

TEST_CASE("certified mail that came without TLS is taken, counted and alarmed once", "[rule:8.6]") {
  MilterWorld world(beta);
  const auto come = [&](mime::Message message, bool over_tls) {
    RecordingQueueFile queue_file;
    auto transaction = arriving(std::move(message));
    transaction.over_tls = over_tls;
    const auto outcome = world.run(std::move(transaction), queue_file);
    CHECK(outcome.verdict == Verdict::accept);
    CHECK((outcome.log.find(" tls=none ") != std::string::npos) == !over_tls);
    return outcome.alert;
  };
  CHECK_FALSE(come(simple_envelope(), true));
  CHECK_FALSE(come(message_of(simple_original), false));  // ordinary mail may
  CHECK(come(simple_envelope(), false));
  CHECK_FALSE(come(simple_envelope(), false));  // told
  REQUIRE(world.services.tally->store(world.ledger(), "mx"));
  CHECK(world.ledger().counts["certified mail without TLS"] == 2);
}

TEST_CASE("a message refused after its signature was found good waits for its line", "[rule:8.5]") {
  MilterWorld world(beta);
  const auto come = [&] {
    RecordingQueueFile queue_file;
    auto transaction = arriving(simple_envelope(), {"eva@pec.beta.example"});
    transaction.takes = Takes::certified_mail;
    return world.run(std::move(transaction), queue_file).reply.code;
  };
  CHECK(come() == "550");
  REQUIRE(world.ledger().recorded.size() == 1);
  CHECK(world.ledger().recorded.front().events.front().kind == EventKind::refusal);
  world.ledger().down = true;
  CHECK(come() == "451");
}

// SPDX-License-Identifier: GPL-2.0-or-later

// The roles when the world fails: the mail server does not make an edit, the key is gone, a
// certificate has ended meanwhile, time has passed.
#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>
#include <functional>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;
using Catch::Contains;

namespace {

const std::string anna = "anna@pec.alfa.example", bruno = "bruno@pec.beta.example";

std::vector<Incident> incidents(MilterWorld& world) {
  std::vector<Incident> all;
  for (const auto& entries : world.ledger().recorded)
    all.insert(all.end(), entries.incidents.begin(), entries.incidents.end());
  return all;
}

// Signs as long as it has the key. Notes how often we had told the mail server by then that work
// goes on.
class WatchedSigner final : public Signer {
public:
  explicit WatchedSigner(const RecordingQueueFile& queue_file) : queue_file_(queue_file) {}
  Result<std::string> sign(const mime::Rope& content, Instant at) const override {
    told_before = queue_file_.progress_told;
    if (!has_key) return unavailable("the key is gone");
    return mark_.sign(content, at);
  }
  Result<void> may_sign(Instant now) const override { return mark_.may_sign(now); }
  const std::string& address() const override { return alfa.address; }

  bool has_key = true;
  mutable int told_before = 0;

private:
  const RecordingQueueFile& queue_file_;
  MarkSigner mark_{alfa};
};

class WatchedScanner final : public Scanner {
public:
  explicit WatchedScanner(const RecordingQueueFile& queue_file) : queue_file_(queue_file) {}
  ScanResult scan(const mime::Rope&) const override {
    told_before = queue_file_.progress_told;
    ScanResult result;
    result.outcome = ScanResult::Outcome::clean;
    return result;
  }
  std::string state() const override { return "finds nothing"; }

  mutable int told_before = 0;

private:
  const RecordingQueueFile& queue_file_;
};

// A world of alfa's whose signer is watched.
struct WatchedWorld {
  explicit WatchedWorld(const RecordingQueueFile& queue_file)
      : WatchedWorld(std::make_unique<WatchedSigner>(queue_file)) {}
  explicit WatchedWorld(std::unique_ptr<WatchedSigner> own)
      : signer(*own), world(signing(std::move(own))) {}

  static Identities signing(std::unique_ptr<Signer> signer) {
    std::vector<SigningIdentity> all;
    all.push_back({alfa, "", std::move(signer)});
    return Identities(std::move(all));
  }

  WatchedSigner& signer;  // the world's
  MilterWorld world;
};

void waits(MilterWorld& world, const Transaction& transaction, const std::string& why) {
  RecordingQueueFile queue_file;
  const auto outcome = world.run(transaction, queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(outcome.reply.code == "451");
  CHECK_THAT(outcome.log, Contains(why));
  CHECK(queue_file.edits.empty());
}

}  // namespace

TEST_CASE("whichever edit fails, the message is not taken", "[rule:8.5]") {
  struct Case {
    std::string what;
    std::function<MilterWorld()> world;
    std::function<Transaction()> transaction;
    std::size_t at_least;  // edits
  };
  const auto infected = [] {
    MilterWorld sender(alfa);
    auto transaction = submission();
    transaction.message = message_of(simple_original + "EICAR\r\n");
    return sender.accepted(transaction).message();
  };
  const auto marked = [] {
    MilterWorld sender(alfa);
    return arriving(message_of("X-Rspamd-Action: no action\r\n" +
                               sender.accepted(submission()).message().wire().str()));
  };
  const auto copy = [] {
    MilterWorld sender(alfa);
    const auto envelope = sender.accepted(submission());
    return copy_of(envelope.message(), {envelope.internal_recipients[0]});
  };
  const std::vector<Case> cases{
      {"an envelope in the place of a submission", [] { return MilterWorld(alfa); }, submission,
       20},
      {"an acceptance, to its sender", [] { return MilterWorld(alfa); }, copy, 20},
      {"an infected envelope, for the virus detection alone",
       [] {
         MilterWorld world(beta);
         world.services.scanner = std::make_unique<MarkScanner>();
         return world;
       },
       [&] { return arriving(infected()); }, 3},
      {"an envelope without the spam filter's mark",
       [] {
         MilterWorld world(beta);
         world.services.filter = {"X-Rspamd-Action", "reject", "add header", {"X-Rspamd"}};
         return world;
       },
       marked, 20},
  };
  for (const auto& each : cases) {
    const auto whole = each.world().accepted(each.transaction());
    REQUIRE(whole.edits.size() >= each.at_least);
    for (std::size_t n = 1; n <= whole.edits.size(); ++n) {
      INFO(each.what << ": " << whole.edits[n - 1]);
      RecordingQueueFile queue_file;
      queue_file.failing_edit = n;
      const auto outcome = each.world().run(each.transaction(), queue_file);
      CHECK(outcome.verdict == Verdict::refuse);
      CHECK(outcome.reply.code == "451");
      CHECK(outcome.alert);
      CHECK_THAT(outcome.log, Contains("the mail server is gone"));
      CHECK(queue_file.edits.size() == n - 1);
    }
  }
}

TEST_CASE("nothing goes on unsigned where the key is gone", "[rule:8.1]") {
  RecordingQueueFile queue_file;
  WatchedWorld watched(queue_file);
  watched.signer.has_key = false;
  const auto outcome = watched.world.run(submission(), queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(outcome.reply.code == "451");
  CHECK(outcome.alert);
  CHECK_THAT(outcome.log, Contains("the key is gone"));
  CHECK_THAT(outcome.reply.text, !Contains("key"));
  CHECK(queue_file.edits.empty());
  CHECK(watched.world.ledger().recorded.empty());
}

TEST_CASE("the mail server is told before anything slow that work goes on") {
  RecordingQueueFile queue_file;
  WatchedWorld watched(queue_file);
  auto scanner = std::make_unique<WatchedScanner>(queue_file);
  const auto& scanned = *scanner;
  watched.world.services.scanner = std::move(scanner);
  REQUIRE(watched.world.run(submission(), queue_file).verdict == Verdict::accept);
  CHECK(scanned.told_before == 2);
  CHECK(watched.signer.told_before == 3);
}

TEST_CASE("a copy is judged as of its event, whatever has ended since", "[rule:5]") {
  MilterWorld sender(alfa), receiver(beta);
  const auto envelope = sender.accepted(submission());
  RecordingQueueFile delivery, nothing;
  const auto incoming = receiver.accepted(arriving(envelope.message()));
  const auto taken = receiver.clock().now();
  receiver.verifier().ends = {{alfa.domain, taken}};

  const auto take_charge =
      receiver.accepted(copy_of(envelope.message(), incoming.internal_recipients));
  CHECK(classified(take_charge.message()).message->kind == EventKind::take_charge);

  const auto pec_id = classified(envelope.message()).message->data.pec_id;
  const auto delivered_to = [&](const std::string& recipient) {
    return *format_internal({InternalEvent::delivery, recipient, taken}, pec_id,
                            *receiver.services.delivery_point);
  };
  REQUIRE(receiver.run(copy_of(envelope.message(), {delivered_to(bruno)}), delivery).verdict ==
          Verdict::accept);
  CHECK(classified(delivery.message()).message->kind == EventKind::delivery);

  // A recipient that the envelope does not name is owed nothing, then as now.
  const auto passed_on =
      receiver.run(copy_of(envelope.message(), {delivered_to("eva@pec.beta.example")}), nothing);
  CHECK(passed_on.verdict == Verdict::discard);
  CHECK_FALSE(passed_on.alert);
  CHECK_THAT(passed_on.log, Contains("is not a recipient of the envelope"));
  CHECK(receiver.ledger().recorded.empty());
  REQUIRE(receiver.services.tally->store(receiver.ledger(), "node"));
  CHECK(receiver.ledger().counts["delivery to a recipient that the envelope does not name"] == 1);

  // At the door the present counts.
  const auto late = receiver.accepted(arriving(envelope.message()));
  CHECK(late.message().header.unfolded("X-Trasporto") == "errore");
}

TEST_CASE("a copy that can't be judged now waits, and bounces only if it never can be",
          "[rule:5][rule:6]") {
  MilterWorld sender(alfa), receiver(beta);
  const auto envelope = sender.accepted(submission());
  RecordingQueueFile waiting, later;
  const auto incoming = receiver.accepted(arriving(envelope.message()));
  const auto copy = copy_of(envelope.message(), incoming.internal_recipients);
  receiver.verifier().not_known_now = {alfa.domain};
  const auto waits = receiver.run(copy, waiting);
  CHECK(waits.verdict == Verdict::refuse);
  CHECK(waits.reply.code == "451");
  CHECK_THAT(waits.log, Contains("the revocation list is too old"));
  CHECK(incidents(receiver).empty());

  receiver.verifier().not_known_now.clear();
  CHECK(receiver.run(copy, later).verdict == Verdict::accept);
}

TEST_CASE("a receipt made again bears the time of the first one", "[rule:5][rule:8.5]") {
  MilterWorld world(alfa);
  const auto envelope = world.accepted(submission());
  const auto pec_id = classified(envelope.message()).message->data.pec_id;
  const auto accepted_at = [&](Instant at) {
    return *format_internal({InternalEvent::acceptance, anna, at}, pec_id,
                            *world.services.host_group);
  };
  RecordingQueueFile first, second;
  const auto copy = [&](const std::string& internal) {
    return copy_of(envelope.message(), {internal});
  };
  REQUIRE(world.run(copy(envelope.internal_recipients[0]), first).verdict == Verdict::accept);
  REQUIRE(world.run(copy(accepted_at(morning + std::chrono::hours(1))), second).verdict ==
          Verdict::accept);
  CHECK(second.message().wire().str() == first.message().wire().str());
}

TEST_CASE("a message that can't be scanned waits, with its virus detection",
          "[rule:4][rule:3.2.3]") {
  MilterWorld sender(alfa), receiver(beta);
  auto scanner = std::make_unique<MarkScanner>();
  scanner->failure = ScanResult::Failure::error;
  receiver.services.scanner = std::move(scanner);
  const auto envelope = sender.accepted(submission()).message();
  const auto pec_id = classified(envelope).message->data.pec_id;
  const auto detection = *format_internal({InternalEvent::virus_found, bruno, morning}, pec_id,
                                          *receiver.services.host_group);
  for (const auto& transaction : {arriving(envelope), copy_of(envelope, {detection})})
    waits(receiver, transaction, "not scanned for viruses");
}

TEST_CASE("a message that can't be entered or kept waits", "[rule:4][rule:8.5]") {
  MilterWorld sender(alfa), receiver(beta);
  const auto envelope = sender.accepted(submission());
  sender.ledger().claims_nothing = true;
  waits(sender, copy_of(envelope.message(), {envelope.internal_recipients[0]}), "ledger down");

  auto infected = submission();
  infected.message = message_of(simple_original + "EICAR\r\n");
  const auto arrived = arriving(sender.accepted(infected).message());
  receiver.services.scanner = std::make_unique<MarkScanner>();
  auto store = std::make_unique<MemoryStore>();
  store->down = true;
  receiver.services.virus_store = std::move(store);
  waits(receiver, arrived, "the virus store is full");
}

TEST_CASE("a message that the log can't be asked about waits", "[rule:8.5]") {
  MilterWorld sender(alfa), receiver(beta);
  const auto envelope = sender.accepted(submission());
  const auto acceptance =
      sender.accepted(copy_of(envelope.message(), {envelope.internal_recipients[0]}));
  const auto waits_without_ledger = [](MilterWorld& world, const Transaction& transaction) {
    world.ledger().down = true;
    waits(world, transaction, "ledger down");
  };
  auto malformed = envelope.message();
  malformed.header.add("Sender", "eva@ordinaria.example");
  waits_without_ledger(receiver, arriving(envelope.message()));
  waits_without_ledger(receiver, arriving(malformed));
  auto own_receipt = arriving(acceptance.message());  // one of ours that comes again
  own_receipt.recipients = {anna};
  waits_without_ledger(sender, own_receipt);
}

TEST_CASE("a receipt of ours that comes again is counted, one that we never issued is not",
          "[rule:4][rule:8.5]") {
  MilterWorld world(alfa);
  const auto envelope = world.accepted(submission());
  const auto acceptance =
      world.accepted(copy_of(envelope.message(), {envelope.internal_recipients[0]}));
  auto coming = arriving(acceptance.message());
  coming.recipients = {anna};
  const auto counted = [&] {
    REQUIRE(world.services.tally->store(world.ledger(), "node"));
    return world.ledger().counts["duplicate receipt"];
  };
  world.accepted(coming);
  CHECK(counted() == 1);
  world.ledger().identities.begin()->second.at += std::chrono::seconds(1);
  world.accepted(coming);
  CHECK(counted() == 1);
}

// SPDX-License-Identifier: GPL-2.0-or-later

// A dispatch has one end, and what is issued for a recipient agrees with it.
#include "unit/ledger/support.hpp"

using namespace pec;
using Step = DispatchStep::Step;

namespace {

const std::string id = "id@alfa", bob = "bob@beta.example";

// Reports a step of bob's dispatch.
void report(ledger::SqlLedger& ledger, Step step, long long seconds) {
  REQUIRE(ledger.record(only(DispatchStep{id, bob, step, at(seconds)})));
}

Dispatch dispatch_to_bob(ledger::SqlLedger& ledger) {
  const auto dispatches = ledger.dispatches_of(id);
  REQUIRE(dispatches);
  REQUIRE(dispatches->size() == 1);
  return dispatches->front();
}

// "what recipient: detail" of each incident that is open.
std::vector<std::string> incidents(ledger::SqlLedger& ledger) {
  const auto found = ledger.incidents(false);
  REQUIRE(found);
  std::vector<std::string> lines;
  for (const auto& each : *found)
    lines.push_back(each.what + " " + each.recipient + ": " + each.detail);
  return lines;
}

using Lines = std::vector<std::string>;
const Lines none;

// Asks for a receipt for bob. Returns its Message-ID, or "" if it must not exist. The entries are
// those of the roles: an event, and the step that goes with it.
std::string claim(ledger::SqlLedger& ledger, EventKind kind, long long seconds,
                  std::optional<Step> step = std::nullopt) {
  auto event = sample_event(id);
  event.kind = kind;
  event.recipient = bob;
  event.at = at(seconds);
  event.generated_id = "r" + std::to_string(seconds) + "@alfa";
  LedgerEntries entries{{event}, {}};
  if (step) entries.steps.push_back({id, bob, *step, at(seconds), true});
  const auto claimed =
      ledger.claim_receipt({id, kind, {bob}}, {event.generated_id, event.at}, entries);
  REQUIRE(claimed);
  if (claimed->identity) return claimed->identity->message_id;
  const auto events = ledger.events_of(id);  // refused: nothing is written of it
  REQUIRE(events);
  for (const auto& each : *events) CHECK(each.generated_id != event.generated_id);
  return "";
}

std::string claim_delivery(ledger::SqlLedger& ledger, long long seconds) {
  return claim(ledger, EventKind::delivery, seconds, Step::delivered);
}
std::string claim_non_delivery(ledger::SqlLedger& ledger, long long seconds) {
  return claim(ledger, EventKind::non_delivery, seconds, Step::failed);
}
std::string claim_early(ledger::SqlLedger& ledger, long long seconds) {
  return claim(ledger, EventKind::early_notice, seconds, Step::warned);
}
std::string claim_timeout(ledger::SqlLedger& ledger, long long seconds) {
  return claim(ledger, EventKind::timeout_notice, seconds, Step::timed_out);
}

}  // namespace

TEST_CASE("the first end of a dispatch stands; one that contradicts it is an incident",
          "[rule:2.3]") {
  struct Row {
    Step first, second;
    Lines incidents;
  };
  const auto row =
      GENERATE(Row{Step::delivered,
                   Step::failed,
                   {"contradiction bob@beta.example: reported as failed after it was delivered"}},
               Row{Step::failed,
                   Step::delivered,
                   {"contradiction bob@beta.example: reported as delivered after it was failed"}},
               Row{Step::delivered, Step::timed_out, {}}, Row{Step::failed, Step::timed_out, {}},
               Row{Step::timed_out, Step::delivered, {}}, Row{Step::timed_out, Step::failed, {}},
               Row{Step::delivered, Step::delivered, {}}, Row{Step::failed, Step::failed, {}},
               Row{Step::timed_out, Step::timed_out, {}});
  const bool accepted_late = GENERATE(false, true);
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  if (!accepted_late) report(*ledger, Step::accepted, 10);
  report(*ledger, row.first, 20);
  report(*ledger, row.second, 30);
  if (accepted_late) report(*ledger, Step::accepted, 10);

  Dispatch expected{.pec_id = id, .recipient = bob, .accepted = at(10)};
  (row.first == Step::delivered ? expected.delivered
   : row.first == Step::failed  ? expected.failed
                                : expected.timed_out) = at(20);
  CHECK(dispatch_to_bob(*ledger) == expected);
  CHECK(incidents(*ledger) == row.incidents);
}

TEST_CASE("a recipient has receipts of one envelope of an id, the first that one was made of",
          "[rule:4][rule:8.5]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto claimed = [&](EventKind kind, const std::string& envelope) {
    const ReceiptKey key{id, kind, {bob}};
    const ReceiptIdentity proposed{"r@alfa", at(10)};
    auto entries = lines_of(key, proposed);
    entries.events.front().identity = envelope;
    const auto claim = ledger->claim_receipt(key, proposed, entries);
    REQUIRE(claim);
    return claim->identity.has_value();
  };
  SECTION("whichever receipt comes first") {
    const auto first = GENERATE(EventKind::take_charge, EventKind::delivery);
    CHECK(claimed(first, "aa"));
    CHECK_FALSE(claimed(EventKind::take_charge, "bb"));
    CHECK_FALSE(claimed(EventKind::delivery, "bb"));
    CHECK(incidents(*ledger).size() == 1);
    CHECK_THAT(incidents(*ledger)[0], Catch::StartsWith("other content bob@beta.example: "));
    CHECK(claimed(EventKind::take_charge, "aa"));
    CHECK(claimed(EventKind::delivery, "aa"));
  }
  SECTION("or the line about the envelope alone") {
    auto came = sample_event(id);
    came.kind = EventKind::transport_envelope;
    came.direction = Direction::received;
    came.recipient = bob;
    came.identity = "aa";
    REQUIRE(ledger->record(only(came)));
    CHECK_FALSE(claimed(EventKind::delivery, "bb"));
    CHECK(claimed(EventKind::delivery, "aa"));
  }
  SECTION("an entry of an earlier program, without it, speaks against nothing") {
    CHECK(claimed(EventKind::take_charge, ""));
    CHECK(claimed(EventKind::delivery, "bb"));
  }
}

TEST_CASE("a contradiction is one incident, of the second end, with the time of the last") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  report(*ledger, Step::failed, 20);
  report(*ledger, Step::delivered, 30);
  report(*ledger, Step::delivered, 40);
  CHECK(ledger->incidents(false) ==
        std::vector<Incident>{{"contradiction", id, bob, at(40), at(30),
                               "reported as delivered after it was failed", "", std::nullopt}});
}

TEST_CASE("both ends in one report: the first of them stands") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(ledger->record(
      {.events = {},
       .steps = {{id, bob, Step::delivered, at(20)}, {id, bob, Step::failed, at(20)}}}));
  CHECK(dispatch_to_bob(*ledger) == Dispatch{.pec_id = id, .recipient = bob, .delivered = at(20)});
  CHECK(incidents(*ledger).size() == 1);
}

TEST_CASE("a take-charge after the end is entered still") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  report(*ledger, Step::delivered, 30);
  report(*ledger, Step::taken_in_charge, 40);
  CHECK(dispatch_to_bob(*ledger) == Dispatch{.pec_id = id,
                                             .recipient = bob,
                                             .accepted = at(10),
                                             .taken_in_charge = at(40),
                                             .delivered = at(30)});
  CHECK(incidents(*ledger) == none);
}

TEST_CASE("a report about somebody whom the message was not accepted for is an incident",
          "[rule:2.3]") {
  const auto [step, name] =
      GENERATE(std::pair{Step::taken_in_charge, "taken_in_charge"},
               std::pair{Step::delivered, "delivered"}, std::pair{Step::failed, "failed"});
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  REQUIRE(ledger->record(only(DispatchStep{id, "eve@beta.example", step, at(20)})));
  CHECK(dispatch_to_bob(*ledger).accepted == at(10));
  CHECK(incidents(*ledger) ==
        Lines{"unknown recipient eve@beta.example: reported as " + std::string(name) +
              ", but the message was not accepted for it"});
}

TEST_CASE("a report about somebody who was certified only later does not count", "[rule:2.3]") {
  const auto step = GENERATE(Step::taken_in_charge, Step::delivered, Step::failed);
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const std::string eve = "eve@new.example";
  auto envelope = sample_event(id);
  envelope.kind = EventKind::transport_envelope;
  envelope.recipients = {{bob, true}, {"Eve@new.example", false}};
  REQUIRE(ledger->record(only(envelope)));
  SECTION("beside others") {
    report(*ledger, Step::accepted, 10);
    REQUIRE(ledger->record(only(DispatchStep{id, eve, step, at(20)})));
    CHECK(dispatch_to_bob(*ledger).accepted == at(10));
  }
  SECTION("alone") {
    REQUIRE(ledger->record(only(DispatchStep{id, eve, step, at(20)})));
    CHECK(ledger->dispatches_of(id)->empty());
  }
  CHECK(incidents(*ledger) == none);
}

TEST_CASE("other providers' statements about recipients keep no report away", "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto receipt = sample_event(id);
  receipt.kind = EventKind::take_charge;
  receipt.direction = Direction::received;
  receipt.recipients = {{bob, false}};
  REQUIRE(ledger->record(only(receipt)));
  report(*ledger, Step::delivered, 20);
  report(*ledger, Step::accepted, 30);
  CHECK(dispatch_to_bob(*ledger).delivered == at(20));
}

TEST_CASE("a message that is accepted again, for more recipients, has them all") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  REQUIRE(ledger->record(only(DispatchStep{id, "ann@beta.example", Step::accepted, at(20)})));
  CHECK(ledger->dispatches_of(id)->size() == 2);
  CHECK(incidents(*ledger) == none);
}

TEST_CASE("no non-delivery notice after a delivery", "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const Lines contradiction{
      "contradiction bob@beta.example: errore-consegna was to be issued after the opposite"};
  SECTION("reported by another provider") {
    report(*ledger, Step::accepted, 10);
    report(*ledger, Step::delivered, 20);
    CHECK(claim_non_delivery(*ledger, 30) == "");
    CHECK(incidents(*ledger) == contradiction);
    CHECK(dispatch_to_bob(*ledger).failed == std::nullopt);
  }
  SECTION("of our own, for another provider's message") {
    CHECK(claim(*ledger, EventKind::delivery, 20) == "r20@alfa");
    CHECK(claim(*ledger, EventKind::non_delivery, 30) == "");
    CHECK(incidents(*ledger) == contradiction);
    CHECK(ledger->dispatches_of(id) == std::vector<Dispatch>{});
  }
}

TEST_CASE("no non-delivery notice after a 24-hour notice, or another's notice", "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  report(*ledger, GENERATE(Step::timed_out, Step::failed), 20);
  const auto before = dispatch_to_bob(*ledger);
  CHECK(claim_non_delivery(*ledger, 30) == "");
  CHECK(dispatch_to_bob(*ledger) == before);
  CHECK(incidents(*ledger) == none);
}

TEST_CASE("a non-delivery notice that is asked for again is the same", "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  CHECK(claim_non_delivery(*ledger, 20) == "r20@alfa");
  CHECK(claim_non_delivery(*ledger, 30) == "r20@alfa");
  CHECK(dispatch_to_bob(*ledger) ==
        Dispatch{.pec_id = id, .recipient = bob, .accepted = at(10), .failed = at(20)});
}

TEST_CASE("if we found the virus ourselves, the user is informed", "[rule:3.2.4]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  CHECK(claim(*ledger, EventKind::virus_detection, 20, Step::failed) == "r20@alfa");
  CHECK(claim_non_delivery(*ledger, 30) == "r30@alfa");
  CHECK(dispatch_to_bob(*ledger).failed == at(20));
  CHECK(incidents(*ledger) == none);
}

TEST_CASE("no delivery receipt after a non-delivery notice", "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  SECTION("that another provider has sent") {
    report(*ledger, Step::failed, 20);
  }
  SECTION("of our own, for another provider's message") {
    CHECK(claim(*ledger, EventKind::non_delivery, 20) == "r20@alfa");
  }
  SECTION("since we found a virus in another provider's message") {
    CHECK(claim(*ledger, EventKind::virus_detection, 20) == "r20@alfa");
  }
  CHECK(claim_delivery(*ledger, 30) == "");
  CHECK(incidents(*ledger) == Lines{"contradiction bob@beta.example: avvenuta-consegna was to be "
                                    "issued after the opposite"});
}

TEST_CASE("a delivery receipt that was issued stands, whatever is said later", "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  CHECK(claim_delivery(*ledger, 20) == "r20@alfa");
  report(*ledger, Step::failed, 30);
  CHECK(claim_delivery(*ledger, 40) == "r20@alfa");
  CHECK(dispatch_to_bob(*ledger) ==
        Dispatch{.pec_id = id, .recipient = bob, .accepted = at(10), .delivered = at(20)});
}

TEST_CASE("a late delivery is receipted, but the 24-hour notice ends the dispatch",
          "[rule:3.3.2]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  CHECK(claim_timeout(*ledger, 20) == "r20@alfa");
  CHECK(claim_delivery(*ledger, 30) == "r30@alfa");
  CHECK(ledger->events_of(id)->size() == 2);
  CHECK(dispatch_to_bob(*ledger) ==
        Dispatch{.pec_id = id, .recipient = bob, .accepted = at(10), .timed_out = at(20)});
  CHECK(incidents(*ledger) == none);
}

TEST_CASE("no 12-hour notice after a take-charge or an end, or without acceptance") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  SECTION("never accepted") {
    CHECK(claim_early(*ledger, 30) == "");
  }
  SECTION("not accepted yet") {
    report(*ledger, Step::taken_in_charge, 20);
    CHECK(claim_early(*ledger, 30) == "");
  }
  SECTION("taken in charge or ended") {
    report(*ledger, Step::accepted, 10);
    report(*ledger, GENERATE(Step::taken_in_charge, Step::delivered, Step::failed, Step::timed_out),
           20);
    CHECK(claim_early(*ledger, 30) == "");
    CHECK(dispatch_to_bob(*ledger).warned == std::nullopt);
  }
  CHECK(incidents(*ledger) == none);
}

TEST_CASE("no 24-hour notice after an end, or without acceptance") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  SECTION("never accepted") {
    CHECK(claim_timeout(*ledger, 30) == "");
  }
  SECTION("a take-charge is not an end") {
    report(*ledger, Step::accepted, 10);
    report(*ledger, Step::taken_in_charge, 20);
    CHECK(claim_timeout(*ledger, 30) == "r30@alfa");
  }
  SECTION("ended") {
    report(*ledger, Step::accepted, 10);
    report(*ledger, GENERATE(Step::delivered, Step::failed, Step::timed_out), 20);
    CHECK(claim_timeout(*ledger, 30) == "");
  }
  CHECK(incidents(*ledger) == none);
}

TEST_CASE("a notice of a timeout that was claimed stays, whatever comes before it is sent") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  CHECK(claim_early(*ledger, 20) == "r20@alfa");
  report(*ledger, Step::taken_in_charge, 30);
  CHECK(claim_early(*ledger, 40) == "r20@alfa");
  CHECK(claim_timeout(*ledger, 50) == "r50@alfa");
  report(*ledger, Step::delivered, 60);
  CHECK(claim_timeout(*ledger, 70) == "r50@alfa");
  CHECK(claim_early(*ledger, 80) == "r20@alfa");
  CHECK(dispatch_to_bob(*ledger) == Dispatch{.pec_id = id,
                                             .recipient = bob,
                                             .accepted = at(10),
                                             .taken_in_charge = at(30),
                                             .warned = at(20),
                                             .timed_out = at(50)});
  CHECK(ledger->events_of(id)->size() == 2);
}

TEST_CASE("acceptance, take-charge and virus detection are never refused", "[rule:3.2.1]") {
  const auto kind =
      GENERATE(EventKind::acceptance, EventKind::take_charge, EventKind::virus_detection);
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::accepted, 10);
  report(*ledger, GENERATE(Step::delivered, Step::failed, Step::timed_out), 20);
  CHECK(claim(*ledger, kind, 30) == "r30@alfa");
}

TEST_CASE("a claim for several is refused as a whole if it must not be for one of them") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, Step::failed, 20);
  const ReceiptIdentity first{"r@alfa", at(30)}, second{"s@alfa", at(40)};
  const ReceiptKey both{id, EventKind::delivery, {"ann@beta.example", bob}};
  CHECK(ledger->claim_receipt(both, first, lines_of(both, first)).value() == ClaimedReceipt{});
  const ReceiptKey ann{id, EventKind::delivery, {"ann@beta.example"}};
  CHECK(ledger->claim_receipt(ann, second, lines_of(ann, second)).value() ==
        ClaimedReceipt{second});
}

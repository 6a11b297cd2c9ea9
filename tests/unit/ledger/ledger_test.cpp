// SPDX-License-Identifier: GPL-2.0-or-later

// The content of the ledger after each call.
#include "pec/certification_data.hpp"
#include "unit/ledger/support.hpp"

#include <array>
#include <set>
#include <thread>

using namespace pec;
using namespace std::string_literals;
using Step = DispatchStep::Step;

namespace {

ReceiptIdentity claimed(ledger::SqlLedger& ledger, const ReceiptKey& key,
                        const ReceiptIdentity& proposed, const LedgerEntries& entries) {
  const auto claim = ledger.claim_receipt(key, proposed, entries);
  if (!claim) FAIL(claim.error().detail);
  REQUIRE(claim->identity);
  return *claim->identity;
}
ReceiptIdentity claimed(ledger::SqlLedger& ledger, const ReceiptKey& key,
                        const ReceiptIdentity& proposed) {
  return claimed(ledger, key, proposed, lines_of(key, proposed));
}

ReceiptKey delivery_to(std::vector<std::string> recipients) {
  return {"id@alfa", EventKind::delivery, std::move(recipients)};
}

}  // namespace

TEST_CASE("an event comes back as it was recorded, every field of it", "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto event = sample_event("id@alfa");
  event.error = "altro";
  event.detail = "5.1.1 - PEC Alfa - indirizzo non valido";
  event.recipient = "bob@beta.example";
  REQUIRE(ledger->record(only(event)));
  CHECK(ledger->events_of("id@alfa") == std::vector{event});
  CHECK(ledger->events_of("other@alfa") == std::vector<LedgerEvent>{});
}

TEST_CASE("odd but possible values come back as they were recorded") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  LedgerEvent empty;
  empty.pec_id = "empty@alfa";
  REQUIRE(ledger->record(only(empty)));
  CHECK(ledger->events_of("empty@alfa") == std::vector{empty});

  LedgerEvent odd = sample_event("odd@alfa");
  odd.subject = "a\\b\n\t :pec_id ? $1 'x' \"y\" \xf0\x9f\x93\xa7";
  odd.recipients = {{"\"with blank\"@beta.example", true}, {"", false}};
  odd.at = at(-1);
  REQUIRE(ledger->record(only(odd)));
  CHECK(ledger->events_of("odd@alfa") == std::vector{odd});

  LedgerEvent late = sample_event("late@alfa");
  late.at = at(4102444800);  // 2100: more than 32 bits
  REQUIRE(ledger->record(only(late)));
  CHECK(ledger->events_of("late@alfa") == std::vector{late});
}

TEST_CASE("a text that no database could hold is entered as well as possible") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto event = sample_event("bad\xff@alfa");
  event.subject = "perch\xe9 a\0b"s;
  event.recipients = {{"andr\xe9@beta.example", true}};
  REQUIRE(ledger->record(only(event)));
  event.pec_id = "bad\u00ff@alfa";
  event.subject = "perch\u00e9 a\ufffdb";
  event.recipients = {{"andr\u00e9@beta.example", true}};
  CHECK(ledger->events_of("bad\xff@alfa") == std::vector{event});

  const auto key = ReceiptKey{"bad\xff@alfa", EventKind::delivery, {"andr\xe9@beta.example"}};
  const ReceiptIdentity first{"r1@alfa", at(100)};
  CHECK(claimed(*ledger, key, first) == first);
  CHECK(claimed(*ledger, key, {"r2@alfa", at(200)}) == first);
}

TEST_CASE("the envelope's line tells what was certified, whoever sent it") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(ledger->envelope_event("id@alfa").value() == std::nullopt);
  REQUIRE(ledger->record(only(sample_event("id@alfa"))));  // an acceptance is not an envelope
  CHECK(ledger->envelope_event("id@alfa").value() == std::nullopt);

  auto received = sample_event("id@alfa");
  received.kind = EventKind::transport_envelope;
  received.direction = Direction::received;
  received.recipient = "bob@beta.example";
  REQUIRE(ledger->record(only(received)));
  CHECK(ledger->envelope_event("id@alfa").value() == received);

  auto issued = received;
  issued.direction = Direction::issued;
  issued.recipient = "";
  REQUIRE(ledger->record(only(issued)));
  CHECK(ledger->envelope_event("id@alfa").value() == issued);
}

TEST_CASE("every kind of event and both directions have their own lines", "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  LedgerEntries entries;
  for (const auto kind :
       {EventKind::transport_envelope, EventKind::acceptance, EventKind::non_acceptance,
        EventKind::take_charge, EventKind::delivery, EventKind::non_delivery,
        EventKind::early_notice, EventKind::timeout_notice, EventKind::virus_detection,
        EventKind::anomaly_envelope})
    for (const auto direction : {Direction::issued, Direction::received}) {
      auto event = sample_event("id@alfa");
      event.kind = kind;
      event.direction = direction;
      entries.events.push_back(event);
    }
  REQUIRE(ledger->record(entries));
  const auto events = ledger->events_of("id@alfa");
  REQUIRE(events);
  CHECK(events->size() == 20);
  for (const auto& event : entries.events)
    CHECK(std::count(events->begin(), events->end(), event) == 1);
}

TEST_CASE("both notices of a timeout have one name on the wire, and two in the log") {
  CHECK(wire_name(EventKind::early_notice) == "preavviso-errore-consegna");
  CHECK(wire_name(EventKind::timeout_notice) == "preavviso-errore-consegna");
  CHECK(event_kind_from_wire("preavviso-errore-consegna") == EventKind::timeout_notice);
  CHECK(event_kind_from_wire("preavviso-errore-consegna-12") == std::nullopt);
  CHECK(log_name(EventKind::early_notice) == "preavviso-errore-consegna-12");
  CHECK(event_kind_from_log("preavviso-errore-consegna-12") == EventKind::early_notice);
  CHECK(event_kind_from_log("preavviso-errore-consegna") == EventKind::timeout_notice);
  CHECK(log_name(EventKind::delivery) == "avvenuta-consegna");
  CHECK(event_kind_from_log("avvenuta-consegna") == EventKind::delivery);
  CHECK(event_kind_from_log("consegna") == std::nullopt);
}

TEST_CASE("the log's line has all that was certified", "[rule:2.3]") {
  CertificationData data;
  data.pec_id = "id@alfa";
  data.msgid = "<1@client.example>";
  data.sender = "ada@alfa.example";
  data.reply_to = "risposte@alfa.example";
  data.recipients = {{"bob@beta.example", true}, {"eve@ordinaria.example", false}};
  data.subject = "Oggetto";
  data.provider = "PEC Alfa S.p.A.";
  auto expected = sample_event("id@alfa");
  expected.subject = "Oggetto";
  expected.generated_id = "";
  CHECK(log_event(data, EventKind::acceptance, Direction::issued, expected.at) == expected);
}

TEST_CASE("an event recorded again stays as it was", "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto first = sample_event("id@alfa");
  auto again = first;
  again.at = at(1795324999);
  again.generated_id = "other@pec.alfa.example";
  auto about_bob = first;
  about_bob.recipient = "bob@beta.example";
  REQUIRE(ledger->record(only(first)));
  REQUIRE(ledger->record({.events = {again, about_bob}, .steps = {}}));
  CHECK(ledger->events_of("id@alfa") == std::vector{first, about_bob});
}

TEST_CASE("events are listed by time") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto first = sample_event("id@alfa"), second = first;
  first.kind = EventKind::transport_envelope;
  second.at = first.at + std::chrono::seconds{1};
  REQUIRE(ledger->record({.events = {second, first}, .steps = {}}));
  CHECK(ledger->events_of("id@alfa") == std::vector{first, second});
}

TEST_CASE("the steps of a dispatch may come in any order, and the first report of each stands",
          "[rule:2.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto report = [&](const std::string& recipient, Step step, long long seconds) {
    REQUIRE(ledger->record(only(DispatchStep{"id@alfa", recipient, step, at(seconds)})));
  };
  report("ann@beta.example", Step::failed, 40);
  report("bob@beta.example", Step::delivered, 30);
  report("bob@beta.example", Step::accepted, 10);
  report("bob@beta.example", Step::delivered, 31);
  report("bob@beta.example", Step::taken_in_charge, 20);
  report("bob@beta.example", Step::accepted, 11);
  CHECK(ledger->dispatches_of("id@alfa") ==
        std::vector<Dispatch>{
            {.pec_id = "id@alfa", .recipient = "ann@beta.example", .failed = at(40)},
            {.pec_id = "id@alfa",
             .recipient = "bob@beta.example",
             .accepted = at(10),
             .taken_in_charge = at(20),
             .delivered = at(30)}});
  CHECK(ledger->dispatches_of("other@alfa") == std::vector<Dispatch>{});
}

TEST_CASE("a receipt claimed twice is the same receipt", "[rule:3.3.2]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const ReceiptIdentity first{"r1@alfa", at(100)}, second{"r2@alfa", at(50)};
  CHECK(claimed(*ledger, delivery_to({"bob@beta.example"}), first) == first);
  CHECK(claimed(*ledger, delivery_to({"bob@beta.example"}), second) == first);
  CHECK(claimed(*ledger, delivery_to({"bob@beta.example"}), first) == first);

  SECTION("also after the ledger was closed and opened") {
    CHECK(claimed(*open_ledger(database), delivery_to({"bob@beta.example"}), second) == first);
  }
  SECTION("another recipient, kind or message has its own") {
    CHECK(claimed(*ledger, delivery_to({"ann@beta.example"}), second) == second);
    CHECK(claimed(*ledger, {"id@alfa", EventKind::acceptance, {"bob@beta.example"}}, second) ==
          second);
    CHECK(claimed(*ledger, {"id2@alfa", EventKind::delivery, {"bob@beta.example"}}, second) ==
          second);
  }
}

TEST_CASE("recipients claimed together share one identity, and it covers no others later",
          "[rule:2.2.2]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto take_charge = [&](const std::vector<std::string>& recipients,
                               const ReceiptIdentity& id) {
    const ReceiptKey key{"id@alfa", EventKind::take_charge, recipients};
    const auto claim = ledger->claim_receipt(key, id, lines_of(key, id));
    if (!claim) FAIL(claim.error().detail);
    return *claim;
  };
  const std::string a = "a@b.example", b = "b@b.example", c = "c@b.example";
  const ReceiptIdentity of_ab{"ab@alfa", at(100)}, of_bc{"bc@alfa", at(100)};
  CHECK(take_charge({a, b}, of_ab) == ClaimedReceipt{of_ab});
  CHECK(take_charge({a, b}, {"ab@alfa", at(200)}) == ClaimedReceipt{of_ab});
  CHECK(take_charge({b, a}, {"named@otherwise", at(1)}) == ClaimedReceipt{of_ab});

  SECTION("of a copy that came to one of them again nothing is made") {
    const auto lines = ledger->events_of("id@alfa");
    CHECK(take_charge({a}, {"a@alfa", at(100)}) == ClaimedReceipt{std::nullopt, {a}});
    CHECK(ledger->events_of("id@alfa") == lines);
  }
  SECTION("for a copy to one of them and another, the receipt for the new one, again and again") {
    CHECK(take_charge({b, c}, of_bc) == ClaimedReceipt{of_bc, {b}});
    CHECK(take_charge({b, c}, {"bc@alfa", at(300)}) == ClaimedReceipt{of_bc, {b}});
    CHECK(take_charge({a, b}, of_ab) == ClaimedReceipt{of_ab});
    CHECK(take_charge({a, b, c}, {"abc@alfa", at(100)}) == ClaimedReceipt{std::nullopt, {a, b, c}});
    const auto lines = ledger->events_of("id@alfa");
    REQUIRE(lines->size() == 3);
    for (const auto& line : *lines)
      CHECK(line.generated_id == (line.recipient == c ? "bc@alfa" : "ab@alfa"));
  }
}

TEST_CASE("the entries of a claim are recorded with it, those of a repeated claim are merged") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto key = delivery_to({"bob@beta.example"});
  const ReceiptIdentity first{"r1@alfa", at(100)}, second{"r2@alfa", at(200)};
  const auto entries = [](const ReceiptIdentity& identity, const std::string& recipient) {
    auto event = sample_event("id@alfa");
    event.kind = EventKind::delivery;
    event.recipient = recipient;
    event.generated_id = identity.message_id;
    event.at = identity.at;
    return LedgerEntries{{event}, {{"id@alfa", recipient, Step::delivered, identity.at, true}}};
  };
  const auto bob = entries(first, "bob@beta.example");
  claimed(*ledger, key, first, bob);
  claimed(*ledger, key, second, entries(second, "bob@beta.example"));
  CHECK(ledger->events_of("id@alfa") == bob.events);

  // New facts in the repeated claim are entered under the first identity: the message with the
  // proposed id never exists, so the log can't name it.
  auto more = entries(second, "ann@beta.example");
  more.events.push_back(entries(second, "bob@beta.example").events[0]);
  claimed(*ledger, key, second, more);
  const auto ann = entries(first, "ann@beta.example");
  CHECK(ledger->events_of("id@alfa") == std::vector{ann.events[0], bob.events[0]});
  CHECK(ledger->dispatches_of("id@alfa") ==
        std::vector<Dispatch>{
            {.pec_id = "id@alfa", .recipient = "ann@beta.example", .delivered = at(100)},
            {.pec_id = "id@alfa", .recipient = "bob@beta.example", .delivered = at(100)}});
}

TEST_CASE("a claim for no recipient, or without the receipt's line, is a bug and told as one") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const ReceiptIdentity proposed{"r@alfa", at(1)};
  const auto nobody = ledger->claim_receipt(delivery_to({}), proposed, {});
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().fault == Fault::internal);
  const auto both = delivery_to({"ann@beta.example", "bob@beta.example"});
  const auto lacking =
      ledger->claim_receipt(both, proposed, lines_of(delivery_to({"ann@beta.example"}), proposed));
  REQUIRE_FALSE(lacking);
  CHECK(lacking.error().fault == Fault::internal);
  CHECK(ledger->commits() == 0);
}

TEST_CASE("eight threads that claim the same receipt are all told one identity") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  for (int round = 0; round < 20; ++round) {
    const ReceiptKey key{
        "id" + std::to_string(round), EventKind::take_charge, {"a@b.example", "b@b.example"}};
    std::array<Result<ClaimedReceipt>, 8> answers;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < answers.size(); ++i)
      threads.emplace_back([&, i] {
        const ReceiptIdentity proposed{"r" + std::to_string(i) + "@alfa", at(100)};
        answers[i] = ledger->claim_receipt(key, proposed, lines_of(key, proposed));
      });
    for (auto& thread : threads) thread.join();
    std::set<std::string> ids;
    for (const auto& answer : answers) {
      REQUIRE((answer && answer->identity));
      ids.insert(answer->identity->message_id);
    }
    CHECK(ids.size() == 1);
  }
}

TEST_CASE("two ledgers on one file, as two programs have them, agree") {
  const TestDatabase database;
  std::array<std::unique_ptr<ledger::SqlLedger>, 2> ledgers{open_ledger(database),
                                                            open_ledger(database)};
  std::vector<std::thread> threads;
  std::array<std::vector<ReceiptIdentity>, 2> answers;
  for (std::size_t i = 0; i < 2; ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; n < 50; ++n) {
        const ReceiptKey key{"id" + std::to_string(n), EventKind::delivery, {"a@b.example"}};
        const ReceiptIdentity proposed{"r" + std::to_string(i), at(100)};
        const auto answer = ledgers[i]->claim_receipt(key, proposed, lines_of(key, proposed));
        if (answer && answer->identity) answers[i].push_back(*answer->identity);
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(answers[0].size() == 50);
  CHECK(answers[0] == answers[1]);
}

TEST_CASE("recording nothing does nothing") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(ledger->record({}));
  CHECK(ledger->commits() == 0);
}

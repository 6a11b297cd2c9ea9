// SPDX-License-Identifier: GPL-2.0-or-later

// How the message log is stored: shared values of its lines once, and an earlier program's lines
// likewise.
#include "ledger/storable.hpp"
#include "unit/ledger/support.hpp"

#include <fmt/format.h>

using namespace pec;

namespace {

const std::string bob = "bob@beta.example";

long long count(const TestDatabase& database, const std::string& table) {
  Neighbour neighbour(database);
  long long rows = 0;
  neighbour.session() << "SELECT COUNT(*) FROM " + table, soci::into(rows);
  return rows;
}

LedgerEvent delivery_to(const std::string& recipient) {
  auto event = sample_event("id@alfa");
  event.kind = EventKind::delivery;
  event.direction = Direction::received;
  event.recipient = recipient;
  return event;
}

}  // namespace

TEST_CASE("a message's recipients are stored once, whatever is said about it", "[rule:8.5]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto envelope = sample_event("id@alfa");
  envelope.kind = EventKind::transport_envelope;
  std::vector<Recipient> recipients;
  for (int i = 0; i < 400; ++i) recipients.push_back({fmt::format("r{}@beta.example", i), true});
  envelope.recipients = recipients;
  REQUIRE(ledger->record(only(envelope)));
  LedgerEntries deliveries;
  for (const auto& recipient : envelope.recipients) {
    auto delivery = delivery_to(recipient.address);
    delivery.recipients = envelope.recipients;
    deliveries.events.push_back(delivery);
  }
  const auto stored = ledger::storable(deliveries).events;
  CHECK(stored.front().recipients.shares_with(stored.back().recipients));
  REQUIRE(ledger->record(deliveries));
  CHECK(count(database, "message") == 1);
  CHECK(count(database, "party") == 401);  // and the sender
  CHECK(count(database, "event") == 401);
  const auto lines = ledger->events_of("id@alfa").value();
  CHECK(lines.size() == 401);
  for (const auto& line : lines) CHECK(line.recipients == envelope.recipients);
  // Nor do the lines in memory have a list each, as far as they follow each other.
  CHECK(lines.at(1).recipients.shares_with(lines.at(400).recipients));
}

TEST_CASE("a receipt that came again under another Message-ID has a line of its own, up to a limit",
          "[rule:8.5]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto receipt = delivery_to(bob);
  receipt.identity = "first";
  receipt.generated_id = "r1@beta";
  REQUIRE(ledger->record(only(receipt)));
  REQUIRE(ledger->record(only(receipt)));
  CHECK(ledger->events_of("id@alfa").value().size() == 1);
  auto second = receipt;
  second.generated_id = "r2@beta";
  REQUIRE(ledger->record(only(second)));
  REQUIRE(ledger->record(only(second)));
  REQUIRE(ledger->record(only(receipt)));
  const auto lines = ledger->events_of("id@alfa").value();
  CHECK(lines.size() == 2);
  CHECK(std::find(lines.begin(), lines.end(), second) != lines.end());
  CHECK(ledger->logged_messages("id@alfa", EventKind::delivery).value().size() == 2);
  for (int i = 0; i < 2 * most_lines_of_a_receipt; ++i) {
    second.generated_id = fmt::format("n{}@beta", i);
    REQUIRE(ledger->record(only(second)));
  }
  CHECK(ledger->events_of("id@alfa").value().size() == most_lines_of_a_receipt);

  auto issued = receipt;  // our own receipts have one identity for ever
  issued.direction = Direction::issued;
  REQUIRE(ledger->record(only(issued)));
  issued.generated_id = "r9@beta";
  REQUIRE(ledger->record(only(issued)));
  CHECK(ledger->events_of("id@alfa").value().size() == most_lines_of_a_receipt + 1);
}

TEST_CASE("another provider's statement under the same id is kept in his words", "[rule:8.5]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto ours = sample_event("id@alfa");
  auto theirs = delivery_to(bob);
  theirs.recipients = {{bob, true}};
  theirs.subject = "Altro";
  theirs.at = ours.at + std::chrono::seconds(1);
  REQUIRE(ledger->record(only(ours)));
  REQUIRE(ledger->record(only(theirs)));
  CHECK(ledger->events_of("id@alfa") == std::vector{ours, theirs});

  auto again = theirs;
  again.subject = "Altro ancora";
  REQUIRE(ledger->record(only(again)));  // the first line of a key stands
  CHECK(ledger->events_of("id@alfa") == std::vector{ours, theirs});
  CHECK(count(database, "message") == 2);
}

TEST_CASE("the log can be searched by mailbox, however the address was written", "[rule:8.5]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto event = sample_event("id@alfa");
  event.sender = "Ada@ALFA.example";
  event.recipients = {{"\"Bob\"@beta.example", true}};
  REQUIRE(ledger->record(only(event)));
  const auto found = [&](const std::string& mailbox) {
    Neighbour neighbour(database);
    std::string pec_id;
    neighbour.session() << "SELECT pec_id FROM message_log JOIN party USING (message)"
                           " WHERE party.mailbox = :mailbox AND party.at <= 1795324282",
        soci::use(mailbox), soci::into(pec_id);
    return pec_id;
  };
  CHECK(found("ada@alfa.example") == "id@alfa");
  CHECK(found(bob) == "id@alfa");
  CHECK(found("eve@ordinaria.example") == "");
}

TEST_CASE("a message can be compared with the one that came under its id before", "[rule:4]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(ledger->logged_messages("id@alfa", EventKind::transport_envelope)->empty());
  auto came = delivery_to(bob);
  came.kind = EventKind::transport_envelope;
  came.identity = "00112233445566778899aabbccddeeff";
  REQUIRE(ledger->record(only(came)));
  auto receipt = delivery_to(bob);
  receipt.identity = "ff";
  auto issued = receipt;
  issued.direction = Direction::issued;
  issued.recipient = "ann@beta.example";
  REQUIRE(ledger->record({.events = {receipt, issued}, .steps = {}}));
  using Lines = std::vector<LoggedMessage>;
  CHECK(ledger->logged_messages("id@alfa", EventKind::transport_envelope) ==
        Lines{{bob, came.identity, came.at, came.generated_id}});
  CHECK(ledger->logged_messages("id@alfa", EventKind::delivery) ==
        Lines{{bob, "ff", receipt.at, receipt.generated_id}});

  auto ours = came;
  ours.direction = Direction::issued;
  ours.recipient = "";
  REQUIRE(ledger->record(only(ours)));
  CHECK(ledger->logged_messages("id@alfa", EventKind::transport_envelope)->size() == 2);
}

TEST_CASE("a log of an earlier program is kept, line by line", "[rule:8.5]") {
  const TestDatabase database;
  make_version(database, 7);
  {
    Neighbour neighbour(database);
    auto& sql = neighbour.session();
    soci::transaction all(sql);
    const std::string recipients = "certificato bob@beta.example\nesterno eve@ordinaria.example";
    const auto enter = [&](const std::string& id, const std::string& kind,
                           const std::string& recipient, long long when) {
      const std::string made = "r." + id;
      sql << "INSERT INTO event (pec_id, kind, direction, recipient, at, msgid, sender, recipients,"
             " reply_to, subject, provider, generated_id, error, detail)"
             " VALUES (:id, :kind, 'issued', :recipient, :at, '<1@c.example>', 'ada@alfa.example',"
             " :recipients, '', 'Oggetto', 'PEC Alfa S.p.A.', :made, 'altro', 'perche')",
          soci::use(id), soci::use(kind), soci::use(recipient), soci::use(when),
          soci::use(recipients), soci::use(made);
    };
    enter("", "errore", "", 5);  // nobody gave it an id
    for (int i = 0; i < 2500; ++i) {
      const auto id = fmt::format("{:05}@alfa", i);
      enter(id, "accettazione", "", 10);
      enter(id, "avvenuta-consegna", bob, 20);
    }
    sql << "INSERT INTO receipt VALUES ('00001@alfa', 'avvenuta-consegna', 'bob@beta.example',"
           " 'r.00001@alfa', 20)";
    all.commit();
  }
  const auto ledger = open_ledger(database);
  CHECK(count(database, "event") == 5001);
  CHECK(count(database, "message") == 2501);
  CHECK(ledger->events_of("")->size() == 1);
  for (const auto* id : {"00000@alfa", "00999@alfa", "01000@alfa", "02499@alfa"}) {
    INFO(id);
    const auto lines = ledger->events_of(id).value();
    REQUIRE(lines.size() == 2);
    LedgerEvent expected;
    expected.pec_id = id;
    expected.kind = EventKind::delivery;
    expected.recipient = bob;
    expected.at = at(20);
    expected.msgid = "<1@c.example>";
    expected.sender = "ada@alfa.example";
    expected.recipients = {{bob, true}, {"eve@ordinaria.example", false}};
    expected.subject = "Oggetto";
    expected.provider = "PEC Alfa S.p.A.";
    expected.generated_id = fmt::format("r.{}", id);
    expected.error = "altro";
    expected.detail = "perche";
    CHECK(lines[1] == expected);
  }
  // An issued receipt is issued again as the same receipt.
  const ReceiptKey key{"00001@alfa", EventKind::delivery, {bob}};
  const ReceiptIdentity proposed{"other@alfa", at(99)};
  CHECK(ledger->claim_receipt(key, proposed, lines_of(key, proposed)).value() ==
        ClaimedReceipt{ReceiptIdentity{"r.00001@alfa", at(20)}});
}

TEST_CASE("counters add up, for each node") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(ledger->add_counts("mx1", {{"To differs", 2}, {"duplicate", 1}}));
  REQUIRE(ledger->add_counts("mx1", {{"To differs", 3}}));
  REQUIRE(ledger->add_counts("mx2", {{"To differs", 1}}));
  CHECK(ledger->add_counts("mx2", {}));
  CHECK(ledger->counts() == std::vector<ledger::Count>{{"mx1", "To differs", 5},
                                                       {"mx1", "duplicate", 1},
                                                       {"mx2", "To differs", 1}});
}

TEST_CASE("the address to write to, after an answer to a receipt or an envelope", "[rule:2]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto delivery = delivery_to(bob);
  delivery.generated_id = "receipt@beta";
  auto envelope = sample_event("id2@beta");
  envelope.kind = EventKind::transport_envelope;
  envelope.direction = Direction::received;
  envelope.generated_id = "id2@beta";
  envelope.sender = bob;
  envelope.recipients = {{delivery.sender, true}};
  REQUIRE(ledger->record(only(delivery)));
  REQUIRE(ledger->record(only(envelope)));
  const auto anna = ledger::storable(delivery.sender);
  const auto before = delivery.at - std::chrono::hours(1);
  CHECK(ledger->to_answer(anna, "receipt@beta", before).value() == bob);
  CHECK(ledger->to_answer(anna, "id2@beta", before).value() == bob);
  CHECK(ledger->to_answer(bob, "receipt@beta", before).value() == delivery.sender);
  CHECK_FALSE(ledger->to_answer("eva@alfa.example", "receipt@beta", before).value());
  CHECK_FALSE(ledger->to_answer(anna, "other@beta", before).value());
  CHECK_FALSE(ledger->to_answer(anna, "receipt@beta", delivery.at).value());
}

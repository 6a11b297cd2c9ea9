// SPDX-License-Identifier: GPL-2.0-or-later

// A delivery receipt for an alias waits for all its mailboxes (pec/alias_delivery.hpp).
#include "pec/internal_recipient.hpp"
#include "unit/ledger/support.hpp"

using namespace pec;
using What = AliasStanding::What;

namespace {

const std::string id = "id@alfa", info = "info@beta.example", bob = "bob@beta.example",
                  eve = "eve@beta.example";

AliasClaim report(ledger::SqlLedger& ledger, const std::string& mailbox, long long seconds,
                  const std::string& envelope = "") {
  const ReceiptKey key{id, EventKind::delivery, {info}};
  const ReceiptIdentity proposed{"r@beta", at(seconds)};
  auto entries = lines_of(key, proposed);
  entries.events.front().identity = envelope;
  entries.steps.push_back({id, info, DispatchStep::Step::delivered, at(seconds), true});
  const auto claim =
      ledger.claim_alias_receipt(key, proposed, entries, {info, mailbox_tag(mailbox), {bob, eve}});
  REQUIRE(claim);
  return *claim;
}

}  // namespace

TEST_CASE("an alias has its receipt with the last delivery, at the time of the latest",
          "[rule:5]") {
  const TestDatabase database;
  auto ledger = open_ledger(database);
  const auto first = report(*ledger, eve, 30);
  CHECK(first.standing.what == What::others_wait);
  CHECK_FALSE(first.receipt.identity);
  CHECK(ledger->events_of(id)->empty());
  CHECK(ledger->dispatches_of(id)->empty());

  ledger = open_ledger(database);  // another node
  CHECK(report(*ledger, eve, 31) == first);
  const auto last = report(*ledger, bob, 20);
  CHECK(last.standing.what == What::due);
  CHECK(last.receipt.identity == ReceiptIdentity{"r@beta", at(30)});
  const auto events = ledger->events_of(id).value();
  REQUIRE(events.size() == 1);
  CHECK(events.front().at == at(30));
  CHECK(ledger->dispatches_of(id)->front().delivered == at(30));

  // Again: the same receipt for the first, none for the second.
  CHECK(report(*ledger, bob, 99) == last);
  const auto told = report(*ledger, eve, 30);
  CHECK(told.standing.what == What::told);
  CHECK_FALSE(told.receipt.identity);
  CHECK(ledger->events_of(id).value() == events);
  CHECK(ledger->incidents(false)->empty());
}

TEST_CASE("after a mailbox of an alias has failed, the others' deliveries do not contradict that",
          "[rule:5][rule:6]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(ledger->record(only(DispatchStep{id, info, DispatchStep::Step::accepted, at(1)})));
  const ReceiptKey notice{id, EventKind::non_delivery, {info}};
  auto entries = lines_of(notice, {"n@beta", at(10)});
  entries.steps.push_back({id, info, DispatchStep::Step::failed, at(10), true});
  REQUIRE(ledger->claim_receipt(notice, {"n@beta", at(10)}, entries)->identity);
  CHECK(report(*ledger, bob, 20).standing.what == What::others_wait);
  CHECK(ledger->incidents(false)->empty());
  // Only a set that becomes complete nevertheless contradicts it.
  const auto last = report(*ledger, eve, 30);
  CHECK(last.standing.what == What::due);
  CHECK_FALSE(last.receipt.identity);
  CHECK(ledger->incidents(false)->size() == 1);
}

TEST_CASE("a mailbox of an alias that got another envelope of this id has not got the message",
          "[rule:5][rule:4]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto came = sample_event(id);
  came.kind = EventKind::transport_envelope;
  came.direction = Direction::received;
  came.recipient = info;
  came.identity = "aa";
  REQUIRE(ledger->record(only(came)));
  CHECK(report(*ledger, bob, 10, "aa").standing.what == What::others_wait);
  CHECK_FALSE(report(*ledger, eve, 20, "bb").receipt.identity);
  CHECK(ledger->incidents(false)->size() == 1);
  CHECK(report(*ledger, eve, 30, "aa").receipt.identity == ReceiptIdentity{"r@beta", at(30)});
}

TEST_CASE("a report that is claimed without its line is refused") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto claim = ledger->claim_alias_receipt({id, EventKind::delivery, {info}},
                                                 {"r@beta", at(1)}, {}, {info, "abcdefg", {}});
  REQUIRE_FALSE(claim);
  CHECK(claim.error().fault == Fault::internal);
}

TEST_CASE("a ledger of schema version 11 gets the mailboxes behind aliases and keeps what it holds",
          "[rule:2.3]") {
  const TestDatabase database;
  make_version(database, 11);
  Neighbour(database).run(
      "INSERT INTO dispatch (pec_id, recipient, accepted_at) VALUES ('id@alfa', "
      "'eve@beta.example', 1)");
  const auto ledger = open_ledger(database);
  CHECK(ledger->dispatches_of(id)->front().accepted == at(1));
  CHECK(report(*ledger, bob, 20).standing.what == What::others_wait);
  CHECK(report(*ledger, eve, 30).receipt.identity);
}

// SPDX-License-Identifier: GPL-2.0-or-later

// Incidents for operators: they come back as reported, until somebody has resolved them.
#include "unit/ledger/support.hpp"

using namespace pec;
using namespace std::string_literals;

namespace {

Incident missing_receipt(long long seconds) {
  return {"consegna",
          "id@alfa",
          "Bob@beta.example",
          at(seconds),
          at(5),
          "the receipt for Bob could not be made in 5 days",
          "From: ada@alfa.example\r\n\r\nperch\xe9 \0 \xff\r\n"s,
          std::nullopt};
}

void report(ledger::SqlLedger& ledger, const Incident& incident) {
  REQUIRE(ledger.record({{}, {}, {incident}}));
}

using Incidents = std::vector<Incident>;

}  // namespace

TEST_CASE("an incident comes back as it was reported, whatever bytes its copy has") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(ledger->incidents(true) == Incidents{});
  auto incident = missing_receipt(10);
  SECTION("with a small copy") {}
  SECTION("with a large one") {
    incident.copy.clear();
    for (unsigned i = 0; i < 1'000'000; ++i) incident.copy += static_cast<char>(i * i >> 3);
  }
  SECTION("with none") {
    incident.copy = "";
  }
  report(*ledger, incident);
  CHECK(ledger->incidents_of(incident.pec_id) == Incidents{incident});
  CHECK(open_ledger(database)->incidents_of(incident.pec_id) == Incidents{incident});
}

TEST_CASE("the first report of an incident stands as long as it is open, with the last time") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, missing_receipt(10));
  auto again = missing_receipt(20);
  again.detail = "another reason";
  again.copy = "";
  report(*ledger, again);
  report(*ledger, missing_receipt(15));
  CHECK(ledger->incidents_of("id@alfa") == Incidents{missing_receipt(20)});
  REQUIRE(ledger->resolve_incident(missing_receipt(10), at(20)));  // who hasn't seen the new one
  CHECK(ledger->incidents_of("id@alfa") == Incidents{missing_receipt(20)});
}

TEST_CASE(
    "a list of incidents has the beginning of each copy, one message's incidents all of them") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto large = missing_receipt(10), none = missing_receipt(11);
  large.copy.assign(100'000, 'x');
  none.recipient = "Eve@beta.example";
  none.copy = "";
  report(*ledger, large);
  report(*ledger, none);
  const auto listed = ledger->incidents(false).value();
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].copy.size() < 100);
  CHECK_FALSE(listed[0].copy.empty());
  CHECK(listed[1].copy.empty());
  CHECK(ledger->incidents_of("id@alfa") == Incidents{large, none});
  CHECK(ledger->incidents_of("id2@alfa") == Incidents{});
}

TEST_CASE("another word, message or recipient is another incident; they are listed by time") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto what = missing_receipt(30), message = missing_receipt(20), recipient = missing_receipt(10);
  what.what = "presa";
  message.pec_id = "id2@alfa";
  recipient.recipient = "Ann@beta.example";
  for (const auto& each : {what, message, recipient, missing_receipt(25)}) report(*ledger, each);
  CHECK(ledger->incidents(false) == Incidents{recipient, message, missing_receipt(25), what});
}

TEST_CASE("an incident that was resolved is listed no more, unless all are asked for") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  auto other = missing_receipt(11);
  other.what = "presa";
  report(*ledger, missing_receipt(10));
  report(*ledger, other);
  REQUIRE(ledger->resolve_incident(missing_receipt(10), at(100)));
  CHECK(ledger->incidents(false) == Incidents{other});

  REQUIRE(ledger->resolve_incident(missing_receipt(10), at(200)));  // it was already
  auto resolved = missing_receipt(10);
  resolved.resolved = at(100);
  CHECK(ledger->incidents(true) == Incidents{resolved, other});
}

TEST_CASE("an incident that comes back after it was resolved is open again") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, missing_receipt(10));
  REQUIRE(ledger->resolve_incident(missing_receipt(10), at(100)));
  report(*ledger, missing_receipt(90));  // the same report again, only late
  CHECK(ledger->incidents(false) == Incidents{});

  SECTION("in the second of its resolution") {
    report(*ledger, missing_receipt(100));
    CHECK(ledger->incidents_of("id@alfa") == Incidents{missing_receipt(100)});
  }
  report(*ledger, missing_receipt(110));
  CHECK(ledger->incidents(false) == Incidents{missing_receipt(110)});
  REQUIRE(ledger->resolve_incident(missing_receipt(10), at(120)));  // who hasn't seen the new one
  CHECK(ledger->incidents(false) == Incidents{missing_receipt(110)});
}

TEST_CASE("an incident that can't be resolved since the ledger is away is told") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, missing_receipt(10));
  Neighbour(database).run("ALTER TABLE incident RENAME TO away");
  const auto failed = ledger->resolve_incident(missing_receipt(10), at(100));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().fault == Fault::unavailable);
  CHECK_FALSE(ledger->incidents(false));
  CHECK_FALSE(ledger->record({{}, {}, {missing_receipt(20)}}));
}

// How mailboxes are set, and what becomes of a ledger that was made before they could be.
#include "support.hpp"

#include <fmt/format.h>

using namespace pec;
using Catch::Contains;

namespace {

const std::string anna = "anna@alfa.example";

// The ledger as schema version 1 made it, with an event in it.
void make_version_1(const TestFolder& folder) {
  Neighbour neighbour(folder);
  neighbour.run("PRAGMA journal_mode = WAL");
  neighbour.run("CREATE TABLE schema_version (version INTEGER NOT NULL)");
  neighbour.run(
      "CREATE TABLE event (pec_id TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL,"
      " recipient TEXT NOT NULL, at BIGINT NOT NULL, msgid TEXT NOT NULL, sender TEXT NOT NULL,"
      " recipients TEXT NOT NULL, subject TEXT NOT NULL, provider TEXT NOT NULL,"
      " generated_id TEXT NOT NULL, error TEXT NOT NULL, detail TEXT NOT NULL,"
      " PRIMARY KEY (pec_id, kind, direction, recipient))");
  neighbour.run(
      "CREATE TABLE dispatch (pec_id TEXT NOT NULL, recipient TEXT NOT NULL, accepted_at BIGINT,"
      " taken_in_charge_at BIGINT, delivered_at BIGINT, failed_at BIGINT,"
      " PRIMARY KEY (pec_id, recipient))");
  neighbour.run(
      "CREATE TABLE receipt (pec_id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL,"
      " message_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (pec_id, kind, recipient))");
  neighbour.run("INSERT INTO schema_version VALUES (1)");
  neighbour.run(
      "INSERT INTO event VALUES ('id@alfa', 'accettazione', 'issued', '', 1795324282,"
      " '<1@client.example>', 'ada@alfa.example', 'certificato bob@beta.example', 'Oggetto',"
      " 'PEC Alfa S.p.A.', 'r1@pec.alfa.example', '', '')");
}

}  // namespace

TEST_CASE("a mailbox is open until it is closed, and may be opened again", "[rule:2.2.2]") {
  const TestFolder folder;
  const auto ledger = open_ledger(folder);
  CHECK(ledger->is_closed(anna) == false);
  REQUIRE(ledger->set_closed(anna, true));
  CHECK(ledger->is_closed(anna) == true);
  CHECK(ledger->is_closed("bruno@alfa.example") == false);
  CHECK(ledger->is_closed("") == false);
  REQUIRE(ledger->set_closed(anna, true));
  CHECK(ledger->is_closed(anna) == true);
  REQUIRE(ledger->set_closed(anna, false));
  CHECK(ledger->is_closed(anna) == false);
}

TEST_CASE("how a mailbox is set stays when the ledger is closed and opened", "[rule:2.2.2]") {
  const TestFolder folder;
  REQUIRE(open_ledger(folder)->set_closed(anna, true));
  CHECK(open_ledger(folder)->is_closed(anna) == true);
}

TEST_CASE("every query sees what another program has set a moment before", "[rule:2.2.2]") {
  const TestFolder folder;
  const auto ours = open_ledger(folder), theirs = open_ledger(folder);
  for (const bool closed : {true, false, true, false}) {
    REQUIRE(theirs->set_closed(anna, closed));
    CHECK(ours->is_closed(anna) == closed);
    CHECK(ours->events_of("id@alfa"));  // the other queries keep nothing open either
  }
}

TEST_CASE("a query doesn't wait for a program that writes") {
  const TestFolder folder;
  const auto ledger = open_ledger(folder, std::chrono::seconds{0});
  REQUIRE(ledger->set_closed(anna, true));
  Neighbour neighbour(folder);
  neighbour.run("BEGIN IMMEDIATE");
  neighbour.run("UPDATE mailbox SET closed = 0");
  CHECK(ledger->is_closed(anna) == true);
  neighbour.run("COMMIT");
  CHECK(ledger->is_closed(anna) == false);
}

TEST_CASE("a setting waits for its turn to write; one that had to wait too long is not made") {
  const TestFolder folder;
  const auto ledger = open_ledger(folder, std::chrono::seconds{0});
  Neighbour neighbour(folder);
  neighbour.run("BEGIN IMMEDIATE");
  const auto refused = ledger->set_closed(anna, true);
  neighbour.run("ROLLBACK");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().fault == Fault::unavailable);
  CHECK_THAT(refused.error().detail, Contains("is locked by another process"));
  CHECK(ledger->is_closed(anna) == false);
}

TEST_CASE("when the table can't be asked, that is told: nobody must take it for open") {
  const TestFolder folder;
  const auto ledger = open_ledger(folder);
  REQUIRE(ledger->set_closed(anna, true));
  Neighbour(folder).run("ALTER TABLE mailbox RENAME TO away");
  const auto unknown = ledger->is_closed(anna);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().fault == Fault::unavailable);
  CHECK_THAT(unknown.error().detail, Contains(folder.file().string()));
  CHECK(unknown.error().detail.find(anna) == std::string::npos);
  Neighbour(folder).run("ALTER TABLE away RENAME TO mailbox");
  CHECK(ledger->is_closed(anna) == true);
}

TEST_CASE("a ledger of schema version 1 gets mailboxes and keeps what it holds", "[rule:2.3]") {
  const TestFolder folder;
  make_version_1(folder);
  for (const bool again : {false, true}) {
    INFO("opened again: " << again);
    const auto ledger = open_ledger(folder);
    auto event = sample_event("id@alfa");
    event.recipients = {{"bob@beta.example", true}};
    event.reply_to = "";
    event.subject = "Oggetto";
    CHECK(ledger->events_of("id@alfa") == std::vector{event});
    CHECK(ledger->is_closed(anna) == again);
    REQUIRE(ledger->set_closed(anna, true));
    CHECK(ledger->is_closed(anna) == true);
  }
}

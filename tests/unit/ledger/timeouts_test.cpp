// SPDX-License-Identifier: GPL-2.0-or-later

// Owed notices of timeouts, and the upgrade of a ledger from before there were any.
#include "unit/ledger/support.hpp"

#include <algorithm>
#include <fmt/format.h>

using namespace pec;
using Step = DispatchStep::Step;

namespace {

using Due = std::vector<ledger::DueNotice>;
const Due nothing;

// Everything happens at these hours after the acceptance, unless a test says otherwise.
constexpr long long hour = 3600;
constexpr long long morning = 1795324282;

void report(ledger::SqlLedger& ledger, const std::string& pec_id, Step step, long long seconds) {
  REQUIRE(ledger.record(only(DispatchStep{pec_id, "bob@beta.example", step, at(seconds)})));
}

ledger::DueNotice early(const std::string& pec_id) {
  return {pec_id, "bob@beta.example", EventKind::early_notice};
}
ledger::DueNotice timeout(const std::string& pec_id) {
  return {pec_id, "bob@beta.example", EventKind::timeout_notice};
}

// The owed notices so many seconds after the morning.
Due due_after(const ledger::SqlLedger& ledger, long long seconds, std::size_t most = 100) {
  const auto now = at(morning + seconds);
  const auto due =
      ledger.due_notices(now - std::chrono::hours{12}, now - std::chrono::hours{24}, most);
  if (!due) FAIL(due.error().detail);
  return *due;
}

// As the receipts role does it.
void claim(ledger::SqlLedger& ledger, const ledger::DueNotice& notice, long long seconds) {
  const auto step = notice.kind == EventKind::early_notice ? Step::warned : Step::timed_out;
  const ReceiptKey key{notice.pec_id, notice.kind, {notice.recipient}};
  const ReceiptIdentity proposed{"r@alfa", at(seconds)};
  auto entries = lines_of(key, proposed);
  entries.steps.push_back({notice.pec_id, notice.recipient, step, at(seconds)});
  const auto claimed = ledger.claim_receipt(key, proposed, entries);
  REQUIRE((claimed && claimed->identity));
}

}  // namespace

TEST_CASE("neither take-charge nor delivery: a notice is owed after 12 hours, one after 24",
          "[rule:3.1.6]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, "id", Step::accepted, morning);
  CHECK(due_after(*ledger, 12 * hour - 1) == nothing);
  CHECK(due_after(*ledger, 12 * hour) == Due{early("id")});
  CHECK(due_after(*ledger, 24 * hour - 1) == Due{early("id")});

  SECTION("both are sent") {
    claim(*ledger, early("id"), morning + 12 * hour);
    REQUIRE(ledger->mark_sent({early("id")}));
    CHECK(due_after(*ledger, 24 * hour - 1) == nothing);
    CHECK(due_after(*ledger, 24 * hour) == Due{timeout("id")});
    claim(*ledger, timeout("id"), morning + 24 * hour);
    REQUIRE(ledger->mark_sent({timeout("id")}));
    CHECK(due_after(*ledger, 1000 * hour) == nothing);
  }
  SECTION("after 24 hours only that notice is owed") {
    CHECK(due_after(*ledger, 24 * hour) == Due{timeout("id")});
  }
}

TEST_CASE("a take-charge in time and no delivery: only the 24-hour notice is owed",
          "[rule:3.1.6]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, "id", Step::accepted, morning);
  report(*ledger, "id", Step::taken_in_charge, morning + hour);
  CHECK(due_after(*ledger, 12 * hour) == nothing);
  CHECK(due_after(*ledger, 24 * hour) == Due{timeout("id")});
}

TEST_CASE("a delivery after the 12-hour notice: no other is owed", "[rule:3.1.6]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, "id", Step::accepted, morning);
  claim(*ledger, early("id"), morning + 12 * hour);
  REQUIRE(ledger->mark_sent({early("id")}));
  report(*ledger, "id", Step::delivered, morning + 13 * hour);
  CHECK(due_after(*ledger, 24 * hour) == nothing);
}

TEST_CASE("a dispatch that has ended, or was never accepted, owes nothing", "[rule:3.1.6]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, "delivered", Step::accepted, morning);
  report(*ledger, "delivered", Step::delivered, morning + hour);
  report(*ledger, "failed", Step::accepted, morning);
  report(*ledger, "failed", Step::failed, morning + hour);
  report(*ledger, "overtaken", Step::taken_in_charge, morning);
  CHECK(due_after(*ledger, 12 * hour) == nothing);
  CHECK(due_after(*ledger, 24 * hour) == nothing);
}

TEST_CASE("a notice that was claimed but not sent is owed still, whatever came since") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, "id", Step::accepted, morning);
  claim(*ledger, early("id"), morning + 12 * hour);
  report(*ledger, "id", Step::taken_in_charge, morning + 13 * hour);
  CHECK(due_after(*ledger, 13 * hour) == Due{early("id")});
  CHECK(due_after(*ledger, 24 * hour) == Due{timeout("id"), early("id")});
  claim(*ledger, timeout("id"), morning + 24 * hour);
  report(*ledger, "id", Step::delivered, morning + 25 * hour);
  CHECK(due_after(*ledger, 0) == Due{timeout("id"), early("id")});
  REQUIRE(ledger->mark_sent({timeout("id"), early("id")}));
  CHECK(due_after(*ledger, 1000 * hour) == nothing);
}

TEST_CASE("a notice that is on its way is not owed, though it was not claimed yet") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, "id", Step::accepted, morning);
  REQUIRE(ledger->mark_sent({early("id")}));
  CHECK(due_after(*ledger, 12 * hour) == nothing);
  claim(*ledger, early("id"), morning + 12 * hour);
  CHECK(due_after(*ledger, 12 * hour) == nothing);
  CHECK(due_after(*ledger, 24 * hour) == Due{timeout("id")});
  REQUIRE(ledger->mark_sent({timeout("id")}));
  CHECK(due_after(*ledger, 24 * hour) == nothing);
}

TEST_CASE("the notice owed longest comes first, and no more than were asked for") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  for (int n = 0; n < 10; ++n)
    report(*ledger, "id" + std::to_string(n), Step::accepted, morning + (10 - n) * hour);
  const auto all = due_after(*ledger, 28 * hour);
  REQUIRE(all.size() == 10);
  CHECK(all[0] == timeout("id9"));
  CHECK(all[3] == timeout("id6"));
  CHECK(all[4] == early("id5"));
  CHECK(all[9] == early("id0"));
  CHECK(due_after(*ledger, 28 * hour, 5) == Due(all.begin(), all.begin() + 5));
  CHECK(due_after(*ledger, 28 * hour, 0) == nothing);
}

TEST_CASE("each recipient of a message has notices of its own", "[rule:3.1.6]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  report(*ledger, "id", Step::accepted, morning);
  REQUIRE(
      ledger->record(only(DispatchStep{"id", "ann@beta.example", Step::accepted, at(morning)})));
  report(*ledger, "id", Step::delivered, morning);
  CHECK(due_after(*ledger, 24 * hour) ==
        Due{{"id", "ann@beta.example", EventKind::timeout_notice}});
}

namespace {

// The database's plan for the query, a line for each step.
std::vector<std::string> plan(soci::session& sql, bool on_server, const std::string& query) {
  const long long final_at = morning, early_at = morning + 12 * hour, most = 100;
  const soci::rowset<soci::row> rows =
      ((sql.prepare << (on_server ? "EXPLAIN " : "EXPLAIN QUERY PLAN ") << query),
       soci::use(final_at), soci::use(final_at), soci::use(early_at), soci::use(most));
  std::vector<std::string> lines;
  for (const auto& row : rows) lines.push_back(row.get<std::string>(on_server ? 0 : 3));
  return lines;
}

}  // namespace

TEST_CASE("the question which notices are owed reads no more than the indexes for it") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  Neighbour neighbour(database);
  neighbour.run(
      "INSERT INTO dispatch (pec_id, recipient, accepted_at, delivered_at)"
      " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
      " SELECT 'id' || i, 'bob@beta.example', i, CASE WHEN i % 100 > 0 THEN i END FROM n");
  neighbour.run("ANALYZE");
  const auto lines =
      plan(neighbour.session(), database.is_on_server(), ledger::due_notices_query());
  const auto has = [&](const std::string& index) {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(index) != std::string::npos;
    });
  };
  for (const auto& line : lines) UNSCOPED_INFO(line);
  CHECK(has("dispatch_open"));
  CHECK(has("dispatch_warned"));
  CHECK(has("dispatch_timed_out"));
  for (const auto& line : lines) {
    CHECK(line.find("Seq Scan") == std::string::npos);
    if (line.find("SCAN dispatch") != std::string::npos)
      CHECK_THAT(line, Catch::Contains("USING INDEX"));
  }
}

TEST_CASE("notices that can't be asked for or marked are told") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(ledger->mark_sent({}));
  CHECK(ledger->commits() == 0);
  Neighbour(database).run("ALTER TABLE dispatch RENAME TO away");
  const auto due = ledger->due_notices(at(morning), at(morning), 1);
  REQUIRE_FALSE(due);
  CHECK(due.error().fault == Fault::unavailable);
  const auto marked = ledger->mark_sent({early("id")});
  REQUIRE_FALSE(marked);
  CHECK(marked.error().fault == Fault::unavailable);
}

TEST_CASE("a ledger of schema version 3 keeps what it holds, and owes notices of it",
          "[rule:2.3]") {
  const TestDatabase database;
  make_version(database, 3);
  enter_old_event(database, "open");
  Neighbour(database).run(fmt::format(
      "INSERT INTO dispatch (pec_id, recipient, accepted_at, delivered_at)"
      " VALUES ('open', 'bob@beta.example', {0}, NULL), ('ended', 'bob@beta.example', {0}, {1})",
      morning, morning + hour));
  Neighbour(database).run(
      "INSERT INTO event (pec_id, kind, direction, recipient, at, msgid, sender,"
      " recipients, subject, provider, generated_id, error, detail)"
      " VALUES ('told', 'preavviso-errore-consegna', 'received', '', 1, '', '',"
      " '', '', '', '', '', '')");
  for (const bool again : {false, true}) {
    INFO("opened again: " << again);
    const auto ledger = open_ledger(database);
    auto event = sample_event("open");
    event.reply_to = "";
    CHECK(ledger->events_of("open") == std::vector{event});
    CHECK(ledger->events_of("told")->at(0).kind == EventKind::timeout_notice);
    CHECK(ledger->dispatches_of("ended") == std::vector{Dispatch{.pec_id = "ended",
                                                                 .recipient = "bob@beta.example",
                                                                 .accepted = at(morning),
                                                                 .delivered = at(morning + hour)}});
    CHECK(due_after(*ledger, 24 * hour) == Due{timeout("open")});
    CHECK(ledger->incidents(true) == std::vector<Incident>{});
  }
}

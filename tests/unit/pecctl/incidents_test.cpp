// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/incidents.hpp"

#include "unit/pecctl/support.hpp"

using namespace pec;
using namespace pec::pecctl;
using Catch::Contains;

namespace {

const Instant later = test::morning + std::chrono::hours{1};

Incident missing_acceptance() {
  return {.what = "accettazione",
          .pec_id = "1@pec.alfa.example",
          .recipient = "anna@pec.alfa.example",
          .at = test::morning,
          .event_at = test::morning,
          .detail = "expired in the queue",
          .copy = "Message-ID: <1@pec.alfa.example>\r\n\r\n",
          .resolved = {}};
}

struct Incidents : LedgerWorld {
  LegalTime rome{"Europe/Rome"};

  std::string list(bool all = false) const { return text_of(list_incidents(*ledger, rome, all)); }
};

}  // namespace

TEST_CASE(
    "an incident is a line: time, kind, message, recipient, whether it can be repaired, reason") {
  Incidents world;
  CHECK(world.list().empty());
  world.report(missing_acceptance());
  CHECK(world.list() ==
        "2026-11-22 05:11:22 +0100  accettazione  1@pec.alfa.example  anna@pec.alfa.example  "
        "can be reissued  expired in the queue");
}

TEST_CASE("only a missing receipt with its copy can be reissued") {
  Incidents world;
  auto incident = missing_acceptance();
  SECTION("no copy") {
    incident.copy = "";
  }
  SECTION("no receipt") {
    incident.what = "contradiction";
  }
  world.report(incident);
  CHECK_THAT(world.list(), Contains("  can't be reissued  "));
}

TEST_CASE("nothing from outside makes a line of its own") {
  Incidents world;
  auto incident = missing_acceptance();
  incident.recipient = "a\nb@pec.alfa.example";
  incident.detail = "said \x1b[2J\r\nthis";
  world.report(incident);
  CHECK_THAT(world.list(), Contains("a?b@pec.alfa.example  can be reissued  said ?[2J??this"));
}

TEST_CASE("incidents are closed by message, or by recipient of it") {
  Incidents world;
  auto other_message = missing_acceptance();
  other_message.pec_id = "2@pec.alfa.example";
  auto other_recipient = missing_acceptance();
  other_recipient.recipient = "Bruno@pec.alfa.example";
  for (const auto& incident : {missing_acceptance(), other_message, other_recipient})
    world.report(incident);
  const test::TestClock clock(later);

  SECTION("one recipient, in any case") {
    const auto closed =
        resolve_incidents(*world.ledger, clock, "1@pec.alfa.example", "bruno@PEC.alfa.example");
    REQUIRE(closed);
    CHECK(text_of(closed) == "closed accettazione  1@pec.alfa.example  Bruno@pec.alfa.example");
    CHECK_THAT(world.list(), Contains("1@pec.alfa.example  anna") && Contains("2@pec.alfa") &&
                                 !Contains("Bruno"));
    CHECK_THAT(world.list(true), Contains("Bruno@pec.alfa.example  can be reissued  expired in the "
                                          "queue  closed 2026-11-22 06:11:22 +0100"));
  }
  SECTION("all of a message, as its header writes it") {
    REQUIRE(resolve_incidents(*world.ledger, clock, "<1@pec.alfa.example>", ""));
    CHECK_THAT(world.list(), Contains("2@pec.alfa") && !Contains("1@pec.alfa"));
  }
}

TEST_CASE("closing nothing is an error") {
  Incidents world;
  world.report(missing_acceptance());
  const test::TestClock clock(later);
  const auto other =
      resolve_incidents(*world.ledger, clock, "1@pec.alfa.example", "bruno@pec.alfa.example");
  REQUIRE_FALSE(other);
  CHECK(other.error().detail ==
        "no open incident of message 1@pec.alfa.example and "
        "bruno@pec.alfa.example; see pecctl incidents --all");
  REQUIRE(resolve_incidents(*world.ledger, clock, "1@pec.alfa.example", ""));
  const auto again = resolve_incidents(*world.ledger, clock, "1@pec.alfa.example", "");
  REQUIRE_FALSE(again);
  CHECK(again.error().detail ==
        "no open incident of message 1@pec.alfa.example; see pecctl incidents --all");
}

TEST_CASE("a ledger whose incidents can't be read or closed is told") {
  Incidents world;
  world.report(missing_acceptance());
  Neighbour neighbour(world.folder);
  neighbour.run(
      "CREATE TRIGGER full BEFORE UPDATE ON incident"
      " BEGIN SELECT RAISE(ABORT, 'no more room'); END");
  const auto closed =
      resolve_incidents(*world.ledger, test::TestClock(later), "1@pec.alfa.example", "");
  REQUIRE_FALSE(closed);
  CHECK_THAT(closed.error().detail, Contains("no more room"));
  neighbour.run("ALTER TABLE incident RENAME TO away");
  const auto listed = list_incidents(*world.ledger, world.rome, false);
  REQUIRE_FALSE(listed);
  CHECK_THAT(listed.error().detail, Contains(world.folder.file().string()));
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/incidents.hpp"
#include "unit/pecctl/support.hpp"

using namespace pec;
using namespace pec::pecctl;
using Catch::Contains;
using Names = std::vector<std::string>;

namespace {

const Names none;
const std::string id = "1@pec.alfa.example";
const std::string copy = "Message-ID: <1@pec.alfa.example>\r\n\r\n.\r\ncaff\xe8 \xf0\r\n";

Incident missing(InternalEvent event, const std::string& recipient) {
  return {.what = std::string(wire_name(event)),
          .pec_id = id,
          .recipient = recipient,
          .at = test::morning + std::chrono::hours{24},
          .event_at = test::morning,
          .detail = "expired in the queue",
          .copy = copy,
          .resolved = {}};
}

struct MissingReceipts : LedgerWorld {
  Recorder receipts;

  Answer reissue(const std::string& recipient = "") {
    const test::TestClock clock(test::morning + std::chrono::hours{25});
    return reissue_receipts(*ledger, receipts, host_group, delivery_point, clock, id, recipient);
  }
  std::size_t open() const { return ledger->incidents(false).value().size(); }
};

}  // namespace

TEST_CASE("a missing receipt is asked for with the copy, for the internal recipient it had") {
  const auto event =
      GENERATE(InternalEvent::acceptance, InternalEvent::take_charge, InternalEvent::delivery,
               InternalEvent::virus_found, InternalEvent::virus_told, InternalEvent::non_delivery);
  MissingReceipts world;
  world.report(missing(event, "Anna@pec.alfa.example"));
  const auto report = world.reissue();
  CHECK(report.problems == none);
  CHECK(report.lines == Names{"reissued " + std::string(wire_name(event)) +
                              "  1@pec.alfa.example  Anna@pec.alfa.example"});
  const auto& mail = world.receipts.seen.at(0);
  CHECK(mail.message == copy);
  CHECK(mail.internals ==
        std::vector<InternalRecipient>{{event, "Anna@pec.alfa.example", test::morning}});
  CHECK(world.open() == 0);
  CHECK(world.ledger->incidents(true).value().front().resolved ==
        test::morning + std::chrono::hours{25});
}

TEST_CASE("a delivery to an alias is asked for as that of the mailbox that reported it",
          "[rule:5]") {
  MissingReceipts world;
  for (const std::string tag : {"abcdefg", "hijklmn"}) {
    auto incident = missing(InternalEvent::delivery, "info@pec.alfa.example");
    incident.what += " " + tag;
    world.report(incident);
  }
  CHECK(world.reissue().problems == none);
  REQUIRE(world.receipts.seen.size() == 2);
  CHECK(world.receipts.seen[0].internals.front().mailbox_tag == "abcdefg");
  CHECK(world.receipts.seen[1].internals.front().mailbox_tag == "hijklmn");
  CHECK(world.open() == 0);
}

TEST_CASE("the internal recipient is bound to the copy, whose id may not be the incident's") {
  MissingReceipts world;
  auto incident = missing(InternalEvent::virus_told, "bob@pec.beta.example");
  incident.copy = "Message-ID: <detection@pec.beta.example>\r\n\r\n";
  world.report(incident);
  CHECK(world.reissue().lines.size() == 1);  // the recorder verifies it
}

TEST_CASE("the recipients of one take-charge go together, with one time and one copy",
          "[rule:3.2.1]") {
  MissingReceipts world;
  world.report(missing(InternalEvent::take_charge, "bruno@pec.alfa.example"));
  world.report(missing(InternalEvent::take_charge, "carla@pec.alfa.example"));
  auto other = missing(InternalEvent::take_charge, "dora@pec.alfa.example");
  other.event_at += std::chrono::minutes{1};
  world.report(other);
  CHECK(world.reissue().lines.size() == 3);
  REQUIRE(world.receipts.seen.size() == 2);
  CHECK(world.receipts.seen[0].internals.size() == 2);
  CHECK(world.receipts.seen[1].internals.size() == 1);
  CHECK(world.open() == 0);
}

TEST_CASE("receipts for one recipient each go alone") {
  MissingReceipts world;
  world.report(missing(InternalEvent::virus_found, "bruno@pec.alfa.example"));
  world.report(missing(InternalEvent::virus_found, "carla@pec.alfa.example"));
  CHECK(world.reissue().lines.size() == 2);
  CHECK(world.receipts.recipients() == Names{"bruno@pec.alfa.example", "carla@pec.alfa.example"});
}

TEST_CASE("one recipient may be named") {
  MissingReceipts world;
  world.report(missing(InternalEvent::take_charge, "bruno@pec.alfa.example"));
  world.report(missing(InternalEvent::take_charge, "carla@pec.alfa.example"));
  CHECK(world.reissue("CARLA@pec.alfa.example").lines.size() == 1);
  CHECK(world.receipts.recipients() == Names{"carla@pec.alfa.example"});
  CHECK(world.open() == 1);
}

TEST_CASE("an incident stays open until the service has taken the copy") {
  MissingReceipts world;
  world.report(missing(InternalEvent::acceptance, "anna@pec.alfa.example"));
  world.receipts.answer = [&](const Recorder::Mail&) -> Result<void> {
    CHECK(world.open() == 1);
    return service_says(Fault::internal, "451 later");
  };
  const auto report = world.reissue();
  CHECK(report.lines == none);
  CHECK(report.problems ==
        Names{"accettazione  1@pec.alfa.example  anna@pec.alfa.example: receipts "
              "service 127.0.0.1:1: 451 later"});
  CHECK(world.open() == 1);
}

TEST_CASE("one that fails does not stop the others") {
  MissingReceipts world;
  world.report(missing(InternalEvent::virus_found, "bruno@pec.alfa.example"));
  world.report(missing(InternalEvent::virus_found, "carla@pec.alfa.example"));
  world.receipts.answer = [&](const Recorder::Mail&) -> Result<void> {
    if (world.receipts.seen.size() > 1) return {};
    return service_says(Fault::rejected, "554 no");
  };
  const auto report = world.reissue();
  CHECK(report.problems.size() == 1);
  CHECK(report.lines.size() == 1);
  CHECK(world.open() == 1);
}

TEST_CASE(
    "a receipt that can't be reissued stays open, and the report says what an operator can do") {
  MissingReceipts world;
  auto incident = missing(InternalEvent::acceptance, "anna@pec.alfa.example");
  SECTION("no copy") {
    incident.copy = "";
    world.report(incident);
    CHECK(world.reissue().problems ==
          Names{"accettazione  1@pec.alfa.example  anna@pec.alfa.example: no copy was kept to make "
                "the receipt of; tell those concerned, then close it: pecctl incidents resolve "
                "1@pec.alfa.example anna@pec.alfa.example"});
  }
  SECTION("no receipt") {
    incident.what = "two ends";
    incident.detail = "late\ndelivery";
    world.report(incident);
    CHECK(world.reissue().problems ==
          Names{"two ends  1@pec.alfa.example  anna@pec.alfa.example: it is not a missing receipt "
                "(late?delivery); look into it, then close it: pecctl incidents resolve "
                "1@pec.alfa.example anna@pec.alfa.example"});
  }
  CHECK(world.receipts.seen.empty());
  CHECK(world.open() == 1);
}

TEST_CASE("an unknown incident is a problem") {
  MissingReceipts world;
  CHECK(world.reissue().problems ==
        Names{"no open incident of message 1@pec.alfa.example; see pecctl incidents --all"});
}

TEST_CASE("a ledger that can't close the incident is told: the receipt may be asked for again") {
  MissingReceipts world;
  world.report(missing(InternalEvent::acceptance, "anna@pec.alfa.example"));
  Neighbour neighbour(world.folder);
  neighbour.run(
      "CREATE TRIGGER full BEFORE UPDATE ON incident"
      " BEGIN SELECT RAISE(ABORT, 'no more room'); END");
  CHECK_THAT(world.reissue().problems.at(0), Contains("no more room"));
  neighbour.run("DROP TRIGGER full");
  CHECK(world.reissue().lines.size() == 1);
  CHECK(world.open() == 0);
}

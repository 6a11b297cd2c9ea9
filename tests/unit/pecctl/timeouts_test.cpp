// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/timeouts.hpp"

#include "unit/pecctl/support.hpp"

using namespace pec;
using namespace pec::pecctl;
using Catch::Contains;
using Step = DispatchStep::Step;
using Names = std::vector<std::string>;

namespace {

constexpr auto hour = std::chrono::hours{1};
const Names none;

config::Config alfa_config() {
  config::Config config{};
  config.provider.domain = "pec.alfa.example";
  config.provider.time_zone = "Europe/Rome";
  config.timeouts = {12, 24};
  return config;
}

// A ledger of messages that were accepted in the morning.
struct Timeouts : LedgerWorld {
  Recorder receipts;
  config::Config config = alfa_config();

  void report(const std::string& recipient, Step step, Instant at = test::morning) {
    REQUIRE(ledger->record(only(DispatchStep{"1@pec.alfa.example", recipient, step, at})));
  }
  void accept(int count) {
    for (int n = 0; n < count; ++n)
      report(fmt::format("user{:04}@pec.beta.example", n), Step::accepted);
  }
  Answer send_after(std::chrono::hours hours) {
    return send_due_notices(*ledger, receipts, host_group, test::TestClock(test::morning + hours),
                            config);
  }
  Answer show_after(std::chrono::hours hours) const {
    return show_due_notices(*ledger, test::TestClock(test::morning + hours), config);
  }
};

}  // namespace

TEST_CASE("a notice is asked for when it is due, and then no more", "[rule:3.1.6]") {
  Timeouts world;
  world.report("bob@pec.beta.example", Step::accepted);
  world.report("eve@pec.beta.example", Step::accepted);
  world.report("eve@pec.beta.example", Step::taken_in_charge);
  CHECK(world.send_after(11 * hour).lines == none);
  CHECK(world.receipts.seen.empty());

  const auto early = world.send_after(12 * hour);
  CHECK(early.problems == none);
  CHECK(early.lines == Names{"requested 2026-11-22 17:11:22 +0100  preavviso  1@pec.alfa.example  "
                             "bob@pec.beta.example"});
  CHECK(world.send_after(23 * hour).lines == none);

  CHECK(world.send_after(24 * hour).lines ==
        Names{"requested 2026-11-23 05:11:22 +0100  scadenza  1@pec.alfa.example  "
              "bob@pec.beta.example",
              "requested 2026-11-23 05:11:22 +0100  scadenza  1@pec.alfa.example  "
              "eve@pec.beta.example"});
  CHECK(world.send_after(48 * hour).lines == none);
  CHECK(world.receipts.seen.size() == 3);
}

TEST_CASE("the hours are the administrator's", "[rule:3.1.6]") {
  Timeouts world;
  world.config.timeouts = {14, 22};
  world.accept(1);
  CHECK(world.send_after(13 * hour).lines == none);
  CHECK_THAT(world.send_after(14 * hour).lines.at(0), Contains("preavviso"));
  CHECK(world.send_after(21 * hour).lines == none);
  CHECK_THAT(world.send_after(22 * hour).lines.at(0), Contains("scadenza"));
}

TEST_CASE(
    "the request names event, recipient and the time of the run, and is bound to the message") {
  Timeouts world;
  world.accept(1);
  world.send_after(24 * hour);
  const auto& mail = world.receipts.seen.at(0);
  CHECK(mail.internals ==
        std::vector<InternalRecipient>{{InternalEvent::timeout_notice, "user0000@pec.beta.example",
                                        test::morning + 24 * hour}});
  CHECK(mail.message ==
        "Date: Mon, 23 Nov 2026 05:11:22 +0100\r\n"
        "From: <posta-certificata@pec.alfa.example>\r\n"
        "To: <posta-certificata@pec.alfa.example>\r\n"
        "Message-ID: <1@pec.alfa.example>\r\n"
        "Subject: scadenza\r\n"
        "\r\n"
        "This asks for a notice, which should have taken its place.\r\n");
}

TEST_CASE("a notice is not marked as sent before the service has taken it") {
  Timeouts world;
  world.accept(1);
  world.receipts.answer = [&](const Recorder::Mail&) -> Result<void> {
    CHECK(world.show_after(12 * hour).lines.size() == 1);
    CHECK_THAT(world.show_after(12 * hour).lines.at(0), Contains("user0000"));
    return {};
  };
  CHECK(world.send_after(12 * hour).problems == none);
  CHECK(world.show_after(12 * hour).lines == Names{"no notice is due"});
}

TEST_CASE("one that fails does not stop the others, and the next run asks for it alone") {
  const auto fault = GENERATE(Fault::rejected, Fault::internal);
  Timeouts world;
  world.accept(3);
  world.receipts.answer = [&](const Recorder::Mail& mail) -> Result<void> {
    if (mail.internals.front().recipient != "user0001@pec.beta.example") return {};
    return service_says(fault, "x");
  };
  const auto report = world.send_after(12 * hour);
  CHECK(report.lines.size() == 2);
  CHECK(report.problems ==
        Names{"preavviso  1@pec.alfa.example  user0001@pec.beta.example: receipts "
              "service 127.0.0.1:1: x"});

  world.receipts = {};
  CHECK(world.send_after(12 * hour).problems == none);
  CHECK(world.receipts.recipients() == Names{"user0001@pec.beta.example"});
}

TEST_CASE("however many fail, those behind them have their turn, and each is tried once") {
  Timeouts world;
  world.accept(1100);
  world.receipts.answer = [](const Recorder::Mail& mail) -> Result<void> {
    if (mail.internals.front().recipient == "user1099@pec.beta.example") return {};
    return service_says(Fault::internal, "x");
  };
  const auto report = world.send_after(12 * hour);
  CHECK(report.problems.size() == 1099);
  REQUIRE(report.lines.size() == 1);
  CHECK_THAT(report.lines.front(), Contains("user1099"));
  CHECK(world.receipts.seen.size() == 1100);
}

TEST_CASE("a service that takes nothing ends the run; notices that it took before are marked") {
  Timeouts world;
  world.accept(3);
  world.receipts.answer = [&](const Recorder::Mail&) -> Result<void> {
    if (world.receipts.seen.size() < 2) return {};
    return service_says(Fault::unavailable, "can't connect");
  };
  const auto report = world.send_after(12 * hour);
  CHECK(report.lines.size() == 1);
  CHECK(report.problems ==
        Names{"preavviso  1@pec.alfa.example  user0001@pec.beta.example: receipts "
              "service 127.0.0.1:1: can't connect; it and the rest wait for the "
              "next run"});
  CHECK(world.receipts.seen.size() == 2);

  world.receipts = {};
  world.send_after(12 * hour);
  CHECK(world.receipts.recipients() ==
        Names{"user0001@pec.beta.example", "user0002@pec.beta.example"});
}

TEST_CASE("after a crash the next run asks again for what was not marked, twenty at most") {
  Timeouts world;
  world.accept(45);
  world.receipts.answer = [&](const Recorder::Mail&) -> Result<void> {
    if (world.receipts.seen.size() == 45) throw std::runtime_error("killed");
    return {};
  };
  REQUIRE_THROWS_WITH(world.send_after(12 * hour), "killed");

  world.receipts = {};
  CHECK(world.send_after(12 * hour).problems == none);
  CHECK(world.receipts.seen.size() == 5);
  CHECK(world.receipts.recipients().front() == "user0040@pec.beta.example");
  CHECK(world.show_after(12 * hour).lines == Names{"no notice is due"});
}

TEST_CASE("a ledger that can't be written ends the run, which says so") {
  Timeouts world;
  world.accept(30);
  Neighbour neighbour(world.folder);
  neighbour.run(
      "CREATE TRIGGER full BEFORE UPDATE OF warning_sent ON dispatch"
      " BEGIN SELECT RAISE(ABORT, 'no more room'); END");
  const auto report = world.send_after(12 * hour);
  CHECK(world.receipts.seen.size() == 20);
  REQUIRE(report.problems.size() == 1);
  CHECK_THAT(report.problems.front(),
             Contains("no more room") && Contains("; the next run asks again"));

  neighbour.run("DROP TRIGGER full");
  world.receipts = {};
  CHECK(world.send_after(12 * hour).problems == none);
  CHECK(world.receipts.seen.size() == 30);
}

TEST_CASE("a ledger that can't be read is told") {
  Timeouts world;
  Neighbour(world.folder).run("ALTER TABLE dispatch RENAME TO away");
  for (const auto& report : {world.send_after(12 * hour), world.show_after(12 * hour)}) {
    CHECK(report.lines == none);
    REQUIRE(report.problems.size() == 1);
    CHECK_THAT(report.problems.front(), Contains(world.folder.file().string()));
  }
}

TEST_CASE("a run ends even if what it marks stays due") {
  Timeouts world;
  world.accept(3);
  Neighbour(world.folder)
      .run(
          "CREATE TRIGGER stuck BEFORE UPDATE OF warning_sent ON dispatch"
          " BEGIN SELECT RAISE(IGNORE); END");
  CHECK(world.send_after(12 * hour).problems == none);
  CHECK(world.receipts.seen.size() == 3);
}

TEST_CASE("a dry run tells the same and does nothing") {
  Timeouts world;
  world.accept(2);
  CHECK(world.show_after(11 * hour).lines == Names{"no notice is due"});
  const auto shown = world.show_after(12 * hour);
  CHECK(shown.problems == none);
  CHECK(shown.lines.at(0) ==
        "would request 2026-11-22 17:11:22 +0100  preavviso  1@pec.alfa.example  "
        "user0000@pec.beta.example");
  CHECK(world.send_after(12 * hour).lines.size() == shown.lines.size());
}

TEST_CASE("a recipient too long for an internal address is told, and the rest goes on") {
  Timeouts world;
  const std::string label(60, 'a');
  const auto address = "bob@" + label + "." + label + "." + label + ".example";
  world.report(address, Step::accepted);
  world.report("eve@pec.beta.example", Step::accepted);
  const auto report = world.send_after(12 * hour);
  CHECK(world.receipts.recipients() == Names{"eve@pec.beta.example"});
  REQUIRE(report.problems.size() == 1);
  CHECK_THAT(report.problems.front(), Contains("too long") && Contains(address));
}

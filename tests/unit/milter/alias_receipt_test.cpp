// SPDX-License-Identifier: GPL-2.0-or-later

// The receipts role and the mailboxes behind an alias.
#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;

namespace {

// Bruno's address is an alias here: simple_envelope() is for him.
const std::string alias = "bruno@pec.beta.example", dario = "dario@pec.beta.example",
                  elena = "elena@unit.beta.example";

struct BehindAnAlias {
  BehindAnAlias() {
    auto aliases = std::make_unique<MemoryAliases>();
    aliases->table[alias] = {dario, elena, "gianni@ordinaria.example"};
    table = aliases.get();
    world.services.aliases = std::move(aliases);
  }
  Outcome report(const std::string& mailbox, int seconds) {
    queue_file = {};
    const auto address =
        *format_internal({InternalEvent::delivery, alias, morning + std::chrono::seconds(seconds),
                          mailbox.empty() ? "" : mailbox_tag(mailbox)},
                         "20261122041122.id1@pec.alfa.example", *world.services.delivery_point);
    return world.run(copy_of(simple_envelope(), {address}), queue_file);
  }

  // No receipt of this mailbox's copy; the operator is told once for a while, and both are counted.
  void is_told_of(const std::string& mailbox, const std::string& words,
                  const std::string& counted) {
    for (const bool alert : {true, false}) {
      const auto outcome = report(mailbox, 60);
      CHECK(outcome.verdict == Verdict::discard);
      CHECK(outcome.alert == alert);
      CHECK(outcome.log.find(words) != std::string::npos);
    }
    REQUIRE(world.services.tally->store(world.ledger(), "mx"));
    CHECK(world.ledger().counts.at(counted) == 2);
  }

  MilterWorld world{beta};
  MemoryAliases* table = nullptr;
  RecordingQueueFile queue_file;
};

}  // namespace

TEST_CASE_METHOD(BehindAnAlias, "an alias has one receipt, of the last delivery's copy",
                 "[rule:5]") {
  const auto first = report(dario, 50);
  CHECK(first.verdict == Verdict::discard);
  CHECK_FALSE(first.alert);
  CHECK(first.log.find("alias: 1 of 2 mailboxes have it") != std::string::npos);
  const auto last = report(elena, 20);
  REQUIRE(last.verdict == Verdict::accept);
  const auto receipt = queue_file.message();
  CHECK(receipt.header.unfolded("X-Ricevuta") == "avvenuta-consegna");
  CHECK(receipt.header.unfolded("Date") == "Sun, 22 Nov 2026 05:12:12 +0100");
  CHECK(queue_file.recipients == std::vector<std::string>{"anna@pec.alfa.example"});

  CHECK(report(dario, 50).verdict == Verdict::discard);
  REQUIRE(report(elena, 20).verdict == Verdict::accept);
  CHECK(queue_file.message().wire().str() == receipt.wire().str());
}

TEST_CASE_METHOD(BehindAnAlias, "while an alias's table can't be asked, the copy waits",
                 "[rule:5]") {
  table->down = true;
  const auto outcome = report(dario, 50);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(outcome.reply.code == "451");
  CHECK(outcome.log.find("no table") != std::string::npos);
  CHECK(world.ledger().behind_aliases.empty());
}

TEST_CASE_METHOD(BehindAnAlias, "a report of a version before has its receipt at once",
                 "[rule:5]") {
  CHECK(report("", 50).verdict == Verdict::accept);
  CHECK(world.ledger().behind_aliases.empty());
}

TEST_CASE_METHOD(BehindAnAlias, "a second mailbox behind an alias that is in no table is reported",
                 "[rule:5]") {
  world.services.aliases = nullptr;
  CHECK(report(dario, 50).verdict == Verdict::accept);
  is_told_of(elena, "name its table in aliases.tables",
             "second mailbox of an alias that had its receipt");
}

TEST_CASE_METHOD(BehindAnAlias, "a message in a mailbox for which nobody waits is reported",
                 "[rule:5]") {
  CHECK_FALSE(report(dario, 50).alert);
  is_told_of("fabio@pec.beta.example", "this message may get no delivery receipt",
             "delivery to a mailbox that its alias did not lead to");
}

TEST_CASE_METHOD(BehindAnAlias, "a tag that the delivery point has not written is refused",
                 "[rule:5]") {
  auto address =
      *format_internal({InternalEvent::delivery, alias, morning, mailbox_tag(dario)},
                       "20261122041122.id1@pec.alfa.example", *world.services.delivery_point);
  address = text::replace_all(address, mailbox_tag(dario), mailbox_tag(elena));
  const auto outcome = world.run(copy_of(simple_envelope(), {address}), queue_file);
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(queue_file.edits.empty());
  CHECK(world.ledger().behind_aliases.empty());
}

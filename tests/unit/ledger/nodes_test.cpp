// SPDX-License-Identifier: GPL-2.0-or-later

// Several ledgers on one database, as several programs or nodes have them.
#include "unit/ledger/support.hpp"

#include <array>
#include <thread>

using namespace pec;
using Step = DispatchStep::Step;

namespace {

const std::string bob = "bob@beta.example";
constexpr int messages = 30, threads_of_each = 3;

std::string id_of(int message) {
  return "id" + std::to_string(message) + "@alfa";
}

LedgerEntries entries(int message, EventKind kind, Step step, const ReceiptIdentity& identity) {
  auto event = sample_event(id_of(message));
  event.kind = kind;
  event.recipient = bob;
  event.generated_id = identity.message_id;
  event.at = identity.at;
  return {{event}, {{id_of(message), bob, step, identity.at}}};
}

// The answer to a thread for each message: the receipt's id, or "" if it must not exist.
using Answers = std::vector<std::string>;

// Claims the same receipt for every message, each time under another name.
Answers claim_all(ledger::SqlLedger& ledger, EventKind kind, Step step, const std::string& name) {
  Answers answers;
  for (int n = 0; n < messages; ++n) {
    const ReceiptIdentity proposed{name + std::to_string(n), at(100)};
    const auto claim =
        ledger.claim_receipt({id_of(n), kind, {bob}}, proposed, entries(n, kind, step, proposed));
    answers.push_back(!claim            ? "error: " + claim.error().detail
                      : claim->identity ? claim->identity->message_id
                                        : "");
  }
  return answers;
}

}  // namespace

TEST_CASE("nodes that claim opposite ends at once: each dispatch has one, and one receipt",
          "[rule:2.3]") {
  const TestDatabase database;
  const std::array<std::unique_ptr<ledger::SqlLedger>, 2> nodes{open_ledger(database),
                                                                open_ledger(database)};
  for (int n = 0; n < messages; ++n)
    REQUIRE(nodes[0]->record(only(DispatchStep{id_of(n), bob, Step::accepted, at(10)})));

  std::array<Answers, 2 * threads_of_each> deliveries, failures;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < deliveries.size(); ++i) {
      auto& node = *nodes[i % 2];
      threads.emplace_back([&, i] {
        deliveries[i] =
            claim_all(node, EventKind::delivery, Step::delivered, "d" + std::to_string(i) + ".");
      });
      threads.emplace_back([&, i] {
        failures[i] =
            claim_all(node, EventKind::non_delivery, Step::failed, "f" + std::to_string(i) + ".");
      });
    }
  }
  for (std::size_t i = 1; i < deliveries.size(); ++i) {
    CHECK(deliveries[i] == deliveries[0]);
    CHECK(failures[i] == failures[0]);
  }
  for (int n = 0; n < messages; ++n) {
    const auto& delivery = deliveries[0][static_cast<std::size_t>(n)];
    const auto& failure = failures[0][static_cast<std::size_t>(n)];
    CHECK(delivery.empty() != failure.empty());
    const auto dispatch = nodes[0]->dispatches_of(id_of(n)).value().at(0);
    CHECK(dispatch.delivered.has_value() == !delivery.empty());
    CHECK(dispatch.failed.has_value() == !failure.empty());
    const auto events = nodes[1]->events_of(id_of(n)).value();
    REQUIRE(events.size() == 1);
    CHECK(events[0].generated_id == delivery + failure);
  }
  CHECK(nodes[0]->incidents(false)->size() == messages);  // the opposite was refused
}

TEST_CASE("programs that bring an old ledger up to date at the same moment all open it") {
  const TestDatabase database;
  make_version(database, 3);
  enter_old_event(database, "id@alfa");
  std::array<std::string, 8> errors;
  {
    std::vector<std::jthread> programs;
    for (auto& error : errors)
      programs.emplace_back([&] {
        const auto ledger = ledger::SqlLedger::open(database.connection());
        if (!ledger) error = ledger.error().detail;
      });
  }
  for (const auto& error : errors) CHECK(error == "");
  auto event = sample_event("id@alfa");
  event.reply_to = "";
  CHECK(open_ledger(database)->events_of("id@alfa") == std::vector{event});
}

// SPDX-License-Identifier: GPL-2.0-or-later

// Recipients join a transaction or not, by how full the mailboxes are.
#include "support/results.hpp"
#include "unit/milter/world.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;

namespace {

const std::string bruno = "bruno@pec.beta.example", dario = "dario@pec.beta.example",
                  elena = "elena@unit.beta.example";

std::vector<Quota> filled_to(std::uint64_t octets) {
  return {{Quota::Unit::octets, octets, 1'000'000}};
}

struct Incoming {
  Incoming() {
    use(nullptr);
    transaction.role = Role::incoming;
    transaction.queue_id = "I1";
    transaction.sender = "g@ordinaria.example";
    transaction.message = message_of(simple_original);
  }

  std::optional<Refusal> join(const std::string& recipient) {
    auto refusal = admit(transaction, recipient, world.services);
    if (!refusal) transaction.recipients.push_back(recipient);
    return refusal;
  }
  Outcome end() {
    RecordingQueueFile queue_file;
    return world.run(transaction, queue_file);
  }

  // The mail store, empty and as if it had never been asked.
  void use(std::unique_ptr<Aliases> aliases) {
    auto quotas = std::make_unique<MemoryQuotas>();
    store = quotas.get();
    world.services.rooms = std::make_unique<Rooms>(std::move(quotas), aliases.get(), clock);
    world.services.aliases = std::move(aliases);
  }

  MilterWorld world{beta};
  TestClock clock{morning};
  MemoryQuotas* store = nullptr;
  Transaction transaction;
};

}  // namespace

TEST_CASE_METHOD(Incoming, "ordinary mail for a nearly full mailbox is refused at the end of data",
                 "[rule:5]") {
  store->table[bruno] = filled_to(900'000);
  CHECK_FALSE(join("Bruno@PEC.beta.example"));
  CHECK(store->asked.empty());
  const auto outcome = end();
  CHECK(outcome.verdict == Verdict::refuse);
  CHECK(outcome.reply.code == "552");
  CHECK(outcome.reply.enhanced == "5.2.2");
  CHECK_FALSE(outcome.alert);
  CHECK(store->asked == std::vector{bruno});

  store->table[bruno] = filled_to(800'000);
  clock.advance(room_known_for);
  CHECK(end().verdict == Verdict::accept);
}

TEST_CASE_METHOD(Incoming, "of one recipient's certified mail nobody asks how full the mailbox is",
                 "[rule:5]") {
  store->table[bruno] = filled_to(1'000'000);
  transaction.message = simple_envelope();
  CHECK_FALSE(join(bruno));
  CHECK(end().verdict == Verdict::accept);
  CHECK(store->asked.empty());
}

TEST_CASE_METHOD(Incoming, "nearly full mailboxes and others come in transactions of their own",
                 "[rule:5]") {
  store->table[bruno] = filled_to(900'001);
  store->table[dario] = filled_to(899'000);
  const auto full_first = GENERATE(true, false);
  CHECK_FALSE(join(full_first ? bruno : dario));
  SECTION("which one is full shows by what is there") {
    const auto other = value_of(join(full_first ? dario : bruno));
    CHECK(other.reply.code == "452");
    CHECK(other.reply.enhanced == "4.5.3");
    CHECK(end().verdict == (full_first ? Verdict::refuse : Verdict::accept));
  }
  SECTION("or by the size that the client has declared") {
    transaction.declared_octets = 1'001;
    CHECK_FALSE(join(full_first ? dario : bruno));
    CHECK(end().reply.code == "552");
  }
}

TEST_CASE_METHOD(Incoming, "a message larger than declared must fit for all of several recipients",
                 "[rule:5]") {
  transaction.declared_octets = GENERATE(0, 1);
  store->table[dario] = filled_to(899'999);
  CHECK_FALSE(join(bruno));
  CHECK_FALSE(join(dario));
  CHECK(end().reply.code == "552");
  store->table[dario] = filled_to(100'000);
  clock.advance(room_known_for);
  CHECK(end().verdict == Verdict::accept);
}

TEST_CASE_METHOD(Incoming, "a message under way takes room until the store has counted it",
                 "[rule:5]") {
  const auto octets = transaction.message.size();
  const auto several = GENERATE(true, false);
  store->table[bruno] = filled_to(900'000 - 2 * octets);
  transaction.declared_octets = octets;
  CHECK_FALSE(join(bruno));
  if (several) CHECK_FALSE(join(dario));
  CHECK(end().verdict == Verdict::accept);
  CHECK(end().verdict == Verdict::accept);
  transaction.recipients = {bruno};
  CHECK(end().reply.code == "552");
  SECTION("which it has when the mail is there") {
    store->table[bruno] = filled_to(900'000 - octets);
    clock.advance(room_known_for);
    CHECK(end().reply.code == "552");  // the other one is still to come
    store->table[bruno] = filled_to(900'000);
    clock.advance(room_known_for);
    CHECK(end().reply.code == "552");
    store->table[bruno] = filled_to(500'000);  // somebody has tidied up
    clock.advance(room_known_for);
    CHECK(end().verdict == Verdict::accept);
  }
  SECTION("or never, if it went elsewhere") {
    clock.advance(longest_under_way);
    CHECK(end().verdict == Verdict::accept);
  }
}

TEST_CASE_METHOD(Incoming, "a mailbox that is named again and again is asked about once",
                 "[rule:5]") {
  for (int again = 0; again < 100; ++again) CHECK_FALSE(join(bruno));
  CHECK(store->asked == std::vector{bruno});
}

TEST_CASE_METHOD(Incoming, "a fixed number of mailboxes is remembered") {
  auto quotas = std::make_unique<MemoryQuotas>();
  auto& asked = quotas->asked;
  Rooms rooms(std::move(quotas), nullptr, clock, 3);
  for (const std::string who : {"a@x.example", "b@x.example", "c@x.example", "a@x.example"})
    REQUIRE(rooms.take_room({who}, 1));
  CHECK(asked.size() == 3);
  REQUIRE(rooms.take_room({"d@x.example"}, 1));  // all are under way, so all are forgotten
  REQUIRE(rooms.take_room({"a@x.example"}, 1));
  CHECK(asked.size() == 5);
}

TEST_CASE("many at once ask Dovecot one question after the other, and about a mailbox once",
          "[rule:5]") {
  class SlowQuotas final : public Quotas {
  public:
    Result<std::vector<Quota>> of(const std::string&) const override {
      if (++now_ > 1) overlap = true;
      ++asked;
      std::this_thread::yield();
      --now_;
      if (down) return unavailable("no answer");
      return std::vector<Quota>();
    }
    mutable std::atomic<int> now_ = 0, asked = 0;
    mutable std::atomic<bool> overlap = false;
    std::atomic<bool> down = false;
  };
  auto owned = std::make_unique<SlowQuotas>();
  auto& store = *owned;
  TestClock clock{morning};
  Rooms rooms(std::move(owned), nullptr, clock);
  const auto ask_at_once = [&](bool of_one) {
    std::atomic<int> known = 0;
    std::vector<std::thread> sessions;
    for (int i = 0; i < 20; ++i)
      sessions.emplace_back([&, i] {
        if (rooms.has_room(of_one ? bruno : std::to_string(i) + "@pec.beta.example", 1)) ++known;
      });
    for (auto& session : sessions) session.join();
    return known.load();
  };
  CHECK(ask_at_once(true) == 20);
  CHECK(store.asked == 1);
  CHECK(ask_at_once(false) == 20);
  CHECK(store.asked == 21);
  CHECK_FALSE(store.overlap);
  // A client does not wait for each unanswered question before its own.
  clock.advance(room_known_for);
  store.down = true;
  CHECK(ask_at_once(false) == 0);
  CHECK(store.asked == 22);
  store.down = false;
  clock.advance(no_answer_for);
  CHECK(ask_at_once(true) == 20);
}

TEST_CASE_METHOD(Incoming, "an alias has room while one of its mailboxes has", "[rule:5]") {
  auto aliases = std::make_unique<MemoryAliases>();
  auto& table = *aliases;
  table.table[bruno] = {dario, elena};
  use(std::move(aliases));
  store->table[dario] = filled_to(1'000'000);
  CHECK_FALSE(join(bruno));
  CHECK(end().verdict == Verdict::accept);
  store->table[elena] = filled_to(950'000);
  clock.advance(room_known_for);
  CHECK(end().reply.code == "552");
  table.table[bruno] = {};
  clock.advance(room_known_for);
  CHECK(end().verdict == Verdict::accept);
}

TEST_CASE_METHOD(Incoming, "a mailbox whose room is unknown has room, and an operator learns of it",
                 "[rule:5]") {
  const auto several = GENERATE(true, false);
  SECTION("since Dovecot does not say") {
    store->down = true;
  }
  SECTION("since nobody knows where the alias leads") {
    auto aliases = std::make_unique<MemoryAliases>();
    aliases->down = true;
    use(std::move(aliases));
  }
  CHECK_FALSE(join(bruno));
  if (several) CHECK_FALSE(join(dario));
  for (const bool alert : {true, false}) {
    const auto outcome = end();
    CHECK(outcome.verdict == Verdict::accept);
    CHECK(outcome.alert == alert);
    CHECK(outcome.log.find("; no ") != std::string::npos);
  }
  REQUIRE(world.services.tally->store(world.ledger(), "mx"));
  CHECK(world.ledger().counts.at("room of a mailbox not known") == 2);
}

TEST_CASE_METHOD(Incoming, "a closed mailbox is not asked how full it is", "[rule:5]") {
  world.ledger().closed_mailboxes = {bruno};
  CHECK_FALSE(join(bruno));
  CHECK(end().reply.code == "550");
  CHECK(store->asked.empty());
}

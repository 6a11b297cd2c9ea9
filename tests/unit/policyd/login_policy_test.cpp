// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/login_policy.hpp"

#include "unit/policyd/support.hpp"

#include <catch2/catch.hpp>
#include <thread>

using namespace pec;
using namespace pec::policyd;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

const std::string anna = "anna@pec.alfa.example", go_on = R"({"status":0})";

struct TryingWorld : LoginWorld {
  bool allows(const LoginRequest& request) { return policy.allow(request) == go_on; }
  // Allowed, and failed.
  bool is_tried(const LoginRequest& request) {
    if (!allows(request)) return false;
    policy.report(request);
    return true;
  }
};

LoginRequest guess(int number) {
  return {.account = "Anna@pec.alfa.example",
          .address = "192.0.2." + std::to_string(number % 200),
          .protocol = "imap",
          .mark = std::to_string(1000 + number)};
}

}  // namespace

TEST_CASE("twenty different passwords are tried, one after the other or at the same moment") {
  TryingWorld world;
  SECTION("each is reported") {
    for (int i = 0; i < 20; ++i) CHECK(world.is_tried(guess(i)));
  }
  SECTION("none is reported yet") {
    for (int i = 0; i < 20; ++i) CHECK(world.allows(guess(i)));
  }
  CHECK_FALSE(world.allows(guess(20)));
  CHECK_THAT(world.policy.allow(guess(20)), Contains(R"("status":-1)") && Contains("riprovare"));
}

TEST_CASE("guesses of many threads are exactly as many as may be") {
  TryingWorld world;
  std::atomic<int> tried = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread)
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 50; ++i) tried += world.is_tried(guess(50 * thread + i)) ? 1 : 0;
      });
  }
  CHECK(tried <= 20);
  for (int i = 1000; i < 1020; ++i) tried += world.is_tried(guess(i)) ? 1 : 0;
  CHECK(tried == 20);
  CHECK(world.logins.failures() == 20);
}

TEST_CASE("an old password in a forgotten device is one wrong password an hour") {
  TryingWorld world;
  for (int i = 0; i < 500; ++i) {
    CHECK(world.is_tried(guess(7)));
    world.clock.advance(7s);
  }
  CHECK(world.logins.failures() == 1);
  // Without marks each counts.
  auto unmarked = guess(8);
  unmarked.mark.clear();
  for (int i = 0; i < 19; ++i) CHECK(world.is_tried(unmarked));
  CHECK_FALSE(world.is_tried(unmarked));
}

TEST_CASE("a login that we refused is not a wrong password") {
  TryingWorld world;
  auto refused = guess(1);
  refused.refused = true;
  world.policy.report(refused);
  CHECK(world.logins.failures() == 0);
}

TEST_CASE("without a name or an address nothing is judged or counted") {
  TryingWorld world;
  for (auto request : {guess(1), guess(2)}) {
    (request.mark == "1001" ? request.account : request.address).clear();
    CHECK(world.is_tried(request));
  }
  CHECK(world.logins.failures() == 0);
  CHECK_FALSE(world.policy.unjudged());
}

TEST_CASE("a good login makes its network known, and is no longer under way") {
  TryingWorld world;
  auto good = guess(1);
  good.success = true;
  for (int i = 0; i < 100; ++i) CHECK(world.is_tried(good));
  CHECK(world.logins.good.size() == 1);
  for (int i = 2; i < 22; ++i) CHECK(world.is_tried(guess(i)));
  CHECK_FALSE(world.allows(guess(22)));
  CHECK(world.allows(good));
}

TEST_CASE("while the ledger is away, logins go on, with one alarm and a state that shows it") {
  TryingWorld world;
  world.logins.down = true;
  for (int i = 0; i < 30; ++i) CHECK(world.is_tried(guess(i)));
  const auto shown = world.policy.unjudged();
  REQUIRE(shown);
  CHECK_THAT(*shown, Contains("a login goes on without having been judged: ledger down"));
  const auto gathered = world.alarms.gathered(service::Alarms::When::now);
  REQUIRE(gathered.size() == 2);
  CHECK_THAT(gathered[0], Contains("29 more of \"a login goes on"));
  CHECK_THAT(gathered[1], Contains("29 more of \"the result of a login"));

  world.logins.down = false;
  CHECK(world.policy.unjudged() == shown);  // for a while
  world.clock.advance(unjudged_shows_for);
  CHECK_FALSE(world.policy.unjudged());
  // A failure that could not be counted is new when it comes again.
  CHECK(world.is_tried(guess(3)));
  CHECK(world.logins.failures() == 1);
}

TEST_CASE("a failure that the ledger did not take counts as under way for some seconds") {
  TryingWorld world;
  for (int i = 0; i < 20; ++i) CHECK(world.allows(guess(i)));
  world.logins.down = true;
  for (int i = 0; i < 20; ++i) world.policy.report(guess(i));
  world.logins.down = false;
  CHECK_FALSE(world.allows(guess(20)));
  world.clock.advance(under_way_for);
  CHECK(world.allows(guess(20)));
}

TEST_CASE("a thousand refusals are reported once, and then as a number") {
  TryingWorld world;
  for (int i = 0; i < 20; ++i) CHECK(world.allows(guess(i)));
  for (int i = 20; i < 1020; ++i) CHECK_FALSE(world.allows(guess(i)));
  const auto gathered = world.alarms.gathered(service::Alarms::When::now);
  REQUIRE(gathered.size() == 1);
  CHECK_THAT(gathered[0], Contains("999 more of \"logins refused: " + anna));
}

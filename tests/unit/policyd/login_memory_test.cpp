// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/login_memory.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::policyd;
using namespace std::chrono_literals;

namespace {

constexpr Instant now{1795324282s};
const std::string anna = "anna@pec.alfa.example", home = "192.0.2.1", elsewhere = "198.51.100.7";
const LoginAttempt at_home{anna, home, now}, at_elsewhere{anna, elsewhere, now},
    of_another{"bruno@pec.alfa.example", elsewhere, now};

LoginAttempt later(LoginAttempt attempt, std::chrono::seconds by) {
  attempt.at += by;
  return attempt;
}

}  // namespace

TEST_CASE("an allowed login is under way for account and network until it ends") {
  LoginMemory memory;
  memory.begin(at_elsewhere, "", false);
  memory.begin(of_another, "", false);
  memory.begin(at_home, "", true);
  CHECK(memory.under_way(at_elsewhere) == LoginsUnderWay{.of_account = 1, .of_network = 2});
  CHECK(memory.under_way(at_home) == LoginsUnderWay{.at_known = 1, .of_account = 1});
  memory.end(of_another, "");
  memory.end(of_another, "");
  memory.end(at_home, "");
  CHECK(memory.under_way(at_elsewhere) == LoginsUnderWay{.of_account = 1, .of_network = 1});
}

TEST_CASE("an allowed login without a report is under way for ten seconds") {
  LoginMemory memory;
  memory.begin(at_home, "", false);
  CHECK(memory.under_way(later(at_home, 9s)).of_account == 1);
  CHECK(memory.under_way(later(at_home, 10s)).of_account == 0);
}

TEST_CASE("the same password is one that is under way, and ends from wherever it was tried") {
  LoginMemory memory;
  for (int i = 0; i < 30; ++i) memory.begin(at_home, "0abc", false);
  CHECK(memory.under_way(at_home).of_account == 1);
  memory.begin(at_home, "0abd", false);
  memory.begin(at_elsewhere, "0abc", false);
  CHECK(memory.under_way(at_home).of_account == 3);
  memory.end(at_home, "0abc");
  CHECK(memory.under_way(at_home).of_account == 1);
}

TEST_CASE("the same wrong password of an account is new once in an hour") {
  LoginMemory memory;
  CHECK(memory.is_new_failure(at_home, "0abc"));
  CHECK_FALSE(memory.is_new_failure(at_elsewhere, "0abc"));
  CHECK(memory.is_new_failure(at_home, "0abd"));
  CHECK(memory.is_new_failure(of_another, "0abc"));
  CHECK_FALSE(memory.is_new_failure(later(at_home, 3599s), "0abc"));
  CHECK(memory.is_new_failure(later(at_home, 3600s), "0abc"));
  for (int i = 0; i < 2; ++i) CHECK(memory.is_new_failure(at_home, ""));  // unknown
}

TEST_CASE("a wrong password that was counted is not under way, and can be forgotten") {
  LoginMemory memory;
  CHECK(memory.is_new_failure(at_home, "0abd"));
  memory.begin(at_home, "0abd", false);
  CHECK(memory.under_way(at_home).of_account == 0);
  memory.forget_failure(at_home, "0abd");
  CHECK(memory.is_new_failure(at_home, "0abd"));
}

TEST_CASE("names that are invented take a fixed room") {
  LoginMemory memory;
  const std::string tail(8000, 'x');
  for (std::size_t i = 0; i < most_failed_marks + 1; ++i) {
    const LoginAttempt attempt{std::to_string(i) + tail, home, now};
    REQUIRE(memory.is_new_failure(attempt, "0abc"));
    if (i <= most_under_way) memory.begin(attempt, "0001", false);
  }
  CHECK(memory.under_way(at_home).of_network == most_under_way);
  CHECK(memory.is_new_failure({"0" + tail, home, now}, "0abc"));  // the oldest was forgotten
  CHECK_FALSE(memory.is_new_failure({"9" + tail, home, now}, "0abc"));
}

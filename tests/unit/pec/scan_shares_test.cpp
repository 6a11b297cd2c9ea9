// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/scan_shares.hpp"

#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

const ScanShares::Time begin{};
const std::string anna = "anna@alfa.example", bruno = "bruno@alfa.example";

std::string login(int number) {
  return std::to_string(number) + "@alfa.example";
}

// Joins, and has its turn at once.
ScanShares::Ticket started(ScanShares& shares, const std::string& who,
                           ScanShares::Time now = begin) {
  const auto ticket = shares.join({ScanKind::submission, who}, now).value();
  REQUIRE(shares.has_turn(ticket));
  return ticket;
}

// One scan of that length, which ends then.
ScanShares::Time scanned(ScanShares& shares, const std::string& who, std::chrono::seconds took,
                         ScanShares::Time now = begin) {
  shares.leave(started(shares, who, now), now + took);
  return now + took;
}

}  // namespace

TEST_CASE("one login has one message scanned at a time, and holds up nobody else") {
  ScanShares shares({});
  const auto first = started(shares, anna);
  const auto second = shares.join({ScanKind::submission, anna}, begin).value();
  CHECK_FALSE(shares.has_turn(second));
  started(shares, bruno);
  shares.leave(first, begin + 1s);
  CHECK(shares.has_turn(second));
}

TEST_CASE("submissions, certified mail, ordinary mail and receipts have places of their own") {
  const ScanLimits limits;
  ScanShares shares(limits);
  for (int i = 0; i < 100; ++i) {
    const auto number = static_cast<std::size_t>(i);
    CHECK(shares.has_turn(shares.join({ScanKind::submission, login(i)}, begin).value()) ==
          (number < limits.submissions));
  }
  for (std::size_t i = 0; i < 100; ++i) {
    const auto who = std::to_string(i);
    CHECK(shares.has_turn(shares.join({ScanKind::ordinary, who}, begin).value()) ==
          (i < limits.ordinary));
    CHECK(shares.has_turn(shares.join({ScanKind::certified, who}, begin).value()) ==
          (i < limits.certified));
    CHECK(shares.has_turn(shares.join({ScanKind::sieve}, begin).value()) == (i < limits.sieve));
  }
  CHECK(shares.has_turn(shares.join({ScanKind::receipt}, begin).value()));
  CHECK(limits.submissions + limits.certified + limits.ordinary + limits.sieve + limits.receipts <
        16);
}

TEST_CASE("an address outside is judged as a login is", "[rule:4]") {
  ScanShares shares({.ordinary = 2, .light_time = 20s, .most_time = 40s});
  const ScanParty one{ScanKind::ordinary, "192.0.2.1"}, other{ScanKind::ordinary, "192.0.2.2"},
      third{ScanKind::ordinary, "192.0.2.3"};
  const auto first = shares.join(one, begin).value();
  const auto second = shares.join(one, begin).value();
  CHECK(shares.has_turn(first));
  CHECK_FALSE(shares.has_turn(second));
  shares.leave(second, begin);
  shares.leave(first, begin + 21s);
  shares.leave(shares.join(other, begin + 21s).value(), begin + 42s);
  const auto again = shares.join(one, begin + 42s).value();  // heavy, and so is the other one
  CHECK(shares.has_turn(again));
  CHECK_FALSE(shares.has_turn(shares.join(other, begin + 42s).value()));
  CHECK(shares.has_turn(shares.join(third, begin + 42s).value()));
  shares.leave(again, begin + 62s);
  const auto over = error_of(shares.join(one, begin + 62s));
  CHECK_THAT(over.detail, Contains("for one address of a mail server"));
}

TEST_CASE("a provider leaves half of the places to those that have none", "[rule:4]") {
  ScanShares shares({.certified = 4});
  const ScanParty beta{ScanKind::certified, "Beta"}, gamma{ScanKind::certified, "Gamma"};
  const auto join = [&](const ScanParty& party) { return shares.join(party, begin).value(); };
  const auto first = join(beta);
  const auto second = join(beta);
  const auto third = join(beta);
  CHECK(shares.has_turn(second));
  CHECK_FALSE(shares.has_turn(third));
  const auto other = join(gamma);
  CHECK(shares.has_turn(other));
  CHECK_FALSE(shares.has_turn(join(gamma)));  // half are taken
  shares.leave(first, begin + 1h);
  CHECK_FALSE(shares.has_turn(third));
  shares.leave(second, begin + 1h);
  CHECK(shares.has_turn(third));         // it has none
  CHECK(shares.join(beta, begin + 1h));  // however long they took
}

TEST_CASE("the sender who has used the scanner least comes first, then the one who came first") {
  ScanShares shares({.submissions = 1});
  const auto now = scanned(shares, anna, 5s);
  const auto busy = started(shares, login(1), now);
  const auto of_anna = shares.join({ScanKind::submission, anna}, now).value();
  const auto of_bruno = shares.join({ScanKind::submission, bruno}, now).value();
  const auto of_another = shares.join({ScanKind::submission, login(2)}, now).value();
  shares.leave(busy, now + 1s);
  CHECK(shares.has_turn(of_bruno));
  shares.leave(of_bruno, now + 2s);
  CHECK(shares.has_turn(of_another));
  shares.leave(of_another, now + 3s);
  CHECK(shares.has_turn(of_anna));
}

TEST_CASE("those who take long share half of the places") {
  ScanShares shares({.submissions = 4, .light_time = 20s});
  auto now = begin;
  for (int i = 0; i < 3; ++i) now = scanned(shares, login(i), 21s, now);
  started(shares, login(0), now);
  started(shares, login(1), now);
  const auto third = shares.join({ScanKind::submission, login(2)}, now).value();
  CHECK_FALSE(shares.has_turn(third));
  const auto light = started(shares, anna, now);
  started(shares, bruno, now);
  shares.leave(light, now + 1s);
  CHECK_FALSE(shares.has_turn(third));  // that place is not for it
}

TEST_CASE("a turn that would come too late is refused at once") {
  ScanShares shares({.patience = 30s});
  const auto now = scanned(shares, anna, 16s);
  started(shares, anna, now);
  CHECK(shares.join({ScanKind::submission, anna}, now));  // in 16 s
  const auto late = error_of(shares.join({ScanKind::submission, anna}, now));
  CHECK(late.fault == Fault::unavailable);
  CHECK_THAT(late.detail, Contains("in about 32 s"));
  CHECK(shares.join({ScanKind::submission, bruno}, now));
}

TEST_CASE("quick messages wait for each other, however many they are") {
  ScanShares shares({});
  shares.leave(started(shares, anna), begin + 50ms);
  for (int i = 0; i < 100; ++i) CHECK(shares.join({ScanKind::submission, anna}, begin + 50ms));
}

TEST_CASE("a login that has had its time comes again when that is past") {
  ScanShares shares({.window = 600s, .most_time = 300s});
  auto now = begin;
  for (int i = 0; i < 8; ++i) now = scanned(shares, anna, 40s, now);
  const auto over = error_of(shares.join({ScanKind::submission, anna}, now));
  CHECK_THAT(over.detail, Contains("320 s of scanning for one login in 600 s"));
  CHECK(shares.join({ScanKind::submission, bruno}, now));
  CHECK_FALSE(shares.join({ScanKind::submission, anna}, begin + 640s));
  CHECK(shares.join({ScanKind::submission, anna}, begin + 641s));
}

TEST_CASE("a waiter who leaves gives his place to others") {
  ScanShares shares({});
  const auto first = started(shares, anna);
  const auto second = shares.join({ScanKind::submission, anna}, begin).value();
  const auto third = shares.join({ScanKind::submission, anna}, begin).value();
  shares.leave(second, begin + 1s);
  shares.leave(first, begin + 2s);
  CHECK(shares.has_turn(third));
}

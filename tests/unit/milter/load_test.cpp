// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/load.hpp"

#include "base/file.hpp"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

using namespace pec::milter;

TEST_CASE("a quarter is for receipts and notices alone") {
  const Limit limit{100, 100};
  CHECK(fits({74, 0}, Party::outside, 1, limit));
  CHECK_FALSE(fits({75, 0}, Party::outside, 1, limit));
  CHECK_FALSE(fits({40, 35}, Party::submission, 1, limit));
  CHECK(fits({75, 0}, Party::inside, 25, limit));
  CHECK_FALSE(fits({75, 0}, Party::inside, 26, limit));
  CHECK(fits({0, 0, 100}, Party::inside, 0, limit));
  CHECK_FALSE(fits({0, 0, 100}, Party::outside, 1, limit));
  CHECK_FALSE(fits({1}, Party::inside, ~std::size_t{0}, limit));
}

TEST_CASE("a flood from outside leaves memory for submissions, and the other way round") {
  Load load({100, 100});
  auto& octets = load.octets;
  const auto [one, other] = GENERATE(std::pair{Party::outside, Party::submission},
                                     std::pair{Party::submission, Party::outside});
  auto flood = *octets.take(one, 50);
  CHECK_FALSE(flood.resize(51));
  const auto served = octets.take(other, 25);
  CHECK(served);
  CHECK_FALSE(octets.take(other, 1));
  CHECK(octets.take(Party::inside, 25));
}

TEST_CASE("each role is of a party") {
  CHECK(party_of(Role::access) == Party::submission);
  for (const auto role : {Role::incoming, Role::sieve}) CHECK(party_of(role) == Party::outside);
  for (const auto role : {Role::receipts, Role::bounces}) CHECK(party_of(role) == Party::inside);
}

TEST_CASE("a share is given back when its handle goes") {
  Share share({8, 8});
  {
    std::vector<Share::Held> held;
    for (int i = 0; i < 6; ++i) held.push_back(*share.take(Party::outside, 1));
    CHECK_FALSE(share.take(Party::outside, 1));
    held.push_back(*share.take(Party::inside, 2));
    CHECK_FALSE(share.take(Party::inside, 1));
    held.pop_back();
    CHECK(share.take(Party::inside, 2));
  }
  CHECK(share.take(Party::outside, 6));
}

TEST_CASE("a request that does not fit changes nothing, and a smaller share makes room") {
  Share share({100, 100});
  auto one = *share.take(Party::outside, 50);
  auto other = *share.take(Party::outside, 0);
  CHECK_FALSE(other.resize(26));
  CHECK(other.size() == 0);
  CHECK(one.resize(10));
  CHECK(other.resize(65));
  const auto moved = std::move(other);
  CHECK(moved.size() == 65);
  CHECK_FALSE(one.resize(11));
  Share::Held unlimited;
  CHECK(unlimited.resize(1'000'000'000));
}

TEST_CASE("a process with too few files hears how many would do") {
  CHECK(too_few_files(30'128).empty());
  CHECK_THAT(too_few_files(4096),
             Catch::Contains("1322 connections") && Catch::Contains("30128 files"));
}

TEST_CASE("the unit lets the service have just enough files") {
  const auto unit = pec::read_file(PEC_SOURCE_DIR "/systemd/pec-milter.service");
  REQUIRE(unit);
  CHECK_THAT(*unit, Catch::Contains("\nLimitNOFILE=30128\n"));
  CHECK_FALSE(too_few_files(30'127).empty());
}

TEST_CASE("how many connections there may be follows from the files that may be open") {
  CHECK(load_limits(1024).connections == 298);
  CHECK(load_limits(0).connections == 4);
  CHECK(load_limits(~std::size_t{0}).connections == 10'000);
  CHECK(load_limits(1024).octets == 160'000'000);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/mailbox_room.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using Unit = Quota::Unit;

TEST_CASE("ordinary mail may fill nine tenths of each limit, and no more", "[rule:5]") {
  CHECK(has_room_for_ordinary({}, 1'000'000));
  CHECK(has_room_for_ordinary({{Unit::octets, 800, 1000}}, 100));
  CHECK_FALSE(has_room_for_ordinary({{Unit::octets, 800, 1000}}, 101));
  CHECK_FALSE(has_room_for_ordinary({{Unit::octets, 901, 1000}}, 0));
  CHECK_FALSE(has_room_for_ordinary({{Unit::octets, 5000, 1000}}, 1));
  CHECK(has_room_for_ordinary({{Unit::messages, 44'999, 50'000}}, 1'000'000));
  CHECK_FALSE(has_room_for_ordinary({{Unit::messages, 45'000, 50'000}}, 1));
  CHECK_FALSE(has_room_for_ordinary({{Unit::octets, 0, 1000}, {Unit::messages, 5, 5}}, 1));
  CHECK_FALSE(has_room_for_ordinary({{Unit::octets, 0, 0}}, 1));
}

TEST_CASE("a size that no message has is more than there is room for") {
  CHECK_FALSE(has_room_for_ordinary({{Unit::octets, 100, 1000}}, ~std::uint64_t{0}));
}

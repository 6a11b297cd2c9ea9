// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/guarded.hpp"

#include <catch2/catch.hpp>

using namespace pec;

TEST_CASE("a guarded value is reached through its lock") {
  Guarded<int> value(1);
  *value.lock() += 1;
  CHECK(*value.lock() == 2);
}

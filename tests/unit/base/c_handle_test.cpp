// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/c_handle.hpp"

#include <catch2/catch.hpp>

using namespace pec;

namespace {
int freed = 0;
void free_counter(int* p) {
  ++freed, delete p;
}
}  // namespace

TEST_CASE("a C handle is one pointer wide and frees once") {
  static_assert(sizeof(CHandle<int, free_counter>) == sizeof(int*));
  freed = 0;
  { CHandle<int, free_counter> handle(new int(1)); }
  CHECK(freed == 1);
}

// SPDX-License-Identifier: GPL-2.0-or-later

// What a Result (or an optional) holds, and why it holds nothing. The test fails, and ends, if it
// is the other way round.
//
//     const auto config = value_of(load_config(path));
//     CHECK(error_of(read_file("/")).detail == "can't read /: Is a directory");
#pragma once

#include "base/result.hpp"

#include <catch2/catch.hpp>
#include <optional>

namespace pec::test {

template <class T>
T value_of(Result<T> result) {
  INFO((result ? "" : result.error().detail));
  REQUIRE(result);
  return std::move(*result);
}

template <class T>
T value_of(std::optional<T> found) {
  REQUIRE(found);
  return std::move(*found);
}

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error();
}

}  // namespace pec::test

// SPDX-License-Identifier: GPL-2.0-or-later

// The value of a Result (or an optional), or the error of a Result. If there is none, the test
// fails and ends.
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

// SPDX-License-Identifier: GPL-2.0-or-later

// All values of an enum that counts from 0. A test of all of them can't forget a new one.
//
//     for (const auto letter : all_of<Letter>()) CHECK_FALSE(file_name(letter).empty());
#pragma once

#include <string_view>
#include <vector>

namespace pec::test {

// The compilers (g++ 12, clang 14) write a value without a name as a cast: "= (pec::Letter)14".
template <auto value>
constexpr bool has_name() {
  return std::string_view(__PRETTY_FUNCTION__).find("= (") == std::string_view::npos;
}

template <class Enum, Enum... known>
std::vector<Enum> all_of() {
  constexpr auto next = static_cast<Enum>(sizeof...(known));
  if constexpr (has_name<next>()) {
    return all_of<Enum, known..., next>();
  } else {
    static_assert(sizeof...(known) != 0, "the compiler writes values in another way");
    return {known...};
  }
}

}  // namespace pec::test

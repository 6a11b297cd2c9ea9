// SPDX-License-Identifier: GPL-2.0-or-later

// The outside names of the values of an enumeration: one constexpr table, read both ways.
//
//     constexpr NameTable<Form, 2> names{{{Form::brief, "breve"}, {Form::concise, "sintetica"}}};
//     name_in(names, Form::brief)        // "breve"
//     value_in(names, "sintetica")       // Form::concise; nothing for a name that isn't there
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace pec {

template <class Value, std::size_t Count>
using NameTable = std::array<std::pair<Value, std::string_view>, Count>;

// Empty if the table lacks the value. That is an error in the table.
template <class Value, std::size_t Count>
constexpr std::string_view name_in(const NameTable<Value, Count>& table, Value value) {
  for (const auto& [each, name] : table)
    if (each == value) return name;
  return {};
}

template <class Value, std::size_t Count>
constexpr std::optional<Value> value_in(const NameTable<Value, Count>& table,
                                        std::string_view name) {
  for (const auto& [value, each] : table)
    if (each == name) return value;
  return std::nullopt;
}

}  // namespace pec

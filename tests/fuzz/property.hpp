// SPDX-License-Identifier: GPL-2.0-or-later

// Shared by all fuzz targets: an input as text, and the end for a broken property.
//
//     extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
//       const auto input = pec::fuzz::text_of(data, size);
//       pec::fuzz::must_hold(parse(print(parse(input))) == parse(input), "it reads the same");
//       return 0;
//     }
//
// A broken property aborts: libFuzzer keeps the input, and the replay fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace pec::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void must_hold(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "broken property: %s\n", property);
  std::abort();
}

// The first line, and the rest: for targets that take several texts.
inline std::pair<std::string_view, std::string_view> cut_line(std::string_view text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return {text, {}};
  return {text.substr(0, end), text.substr(end + 1)};
}

// As in SMTP: every line ends with CRLF, and CR is nowhere else.
inline std::string wire_form(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != '\r') out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

// No control characters: neither a line break nor anything else that a terminal or log would obey.
inline bool on_one_line(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return true;
}

}  // namespace pec::fuzz

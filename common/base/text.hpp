// SPDX-License-Identifier: GPL-2.0-or-later

// Small functions on ASCII text and on bytes, all pure. They ignore the locale: case and blanks are
// those of the mail standards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::text {

char lower(char c);  // ASCII only
std::string lower(std::string_view s);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view s, std::string_view prefix);
bool ends_with_ignoring_case(std::string_view s, std::string_view suffix);

std::string_view trim(std::string_view s);              // blanks, tabs, CR, LF at both ends
std::string_view without_line_end(std::string_view s);  // CRLF or LF; CR alone ends no line
std::string_view without_brackets(std::string_view s);  // "<a@b>" and "a@b": "a@b"
std::vector<std::string_view> split(std::string_view s, char separator);  // keeps empty pieces
std::string join(const std::vector<std::string>& pieces, std::string_view separator);
std::string replace_all(std::string s, std::string_view from, std::string_view to);

std::string hex(std::string_view bytes);     // lower case
std::string base32(std::string_view bytes);  // RFC 4648 alphabet in lower case, no padding

// `&`, `<`, `>`, `"` as entities: fit for HTML text and attribute values.
std::string escape_html(std::string_view utf8);

// For the log: control characters become `?`, so text from outside can't start a new line.
std::string printable(std::string_view s);
bool is_printable(std::string_view s);  // it has none

// A number of decimal digits only; nothing: not such a number, or too large.
std::optional<std::uint64_t> number(std::string_view digits);

// Compares in a time that does not tell where the first difference is: for authenticators.
bool equals_in_constant_time(std::string_view a, std::string_view b);

}  // namespace pec::text

// SPDX-License-Identifier: GPL-2.0-or-later

// Text in the character sets that mail names, as UTF-8. For this library's .cpp files only: it
// exposes GLib.
//
// Only a fixed list of character sets is converted. iconv and GMime remember every name that they
// were ever asked for. So names from outside would fill the memory of a long-lived process. Pure
// functions, any thread; the process's locale doesn't matter.
#pragma once

#include <cstddef>
#include <glib.h>
#include <string>
#include <string_view>

namespace pec::mime {

// The text as valid UTF-8: other bytes are read as Latin-1.
std::string valid_utf8(std::string_view text);

// The same on one line. Control characters, and characters that XML can't hold, become blanks.
std::string clean_line(std::string_view text);

// clean_line() of text in a named character set (any case). If the set is unknown, or the octets
// don't fit it, the name is ignored.
std::string clean_line(std::string_view charset, std::string_view octets);

// Calls function(code point, its octets) for each character of valid UTF-8.
template <class Function>
void for_each_character(std::string_view text, Function&& function) {
  for (std::size_t at = 0; at < text.size();) {
    const char* here = text.data() + at;
    const auto length = static_cast<std::size_t>(g_utf8_next_char(here) - here);
    function(g_utf8_get_char(here), text.substr(at, length));
    at += length;
  }
}

}  // namespace pec::mime

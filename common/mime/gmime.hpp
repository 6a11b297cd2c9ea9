// GMime and GLib as this library uses them, for its .cpp files only: nothing of GMime shows in the
// other headers.
//
// GMime's functions work on their arguments and on tables that g_mime_init() fills; what they share
// afterwards is the table of character sets (locked) and the default options (never changed here).
// So they may be called from any thread once gmime_options() has been, which every user here calls
// first. GMime 3.2.13 loses what follows a padded word of base64, so both base64 and encoded words
// are decoded without it.
#pragma once

#include "base/c_handle.hpp"

#include <cstddef>
#include <gmime/gmime.h>
#include <string>
#include <string_view>

namespace pec::mime {

using GCharPtr = CHandle<char, g_free>;  // text that GLib allocated
template <class T>
using GObjectHandle = CHandle<T, g_object_unref>;

// The default options: lenient. The first call, on whatever thread, starts GMime.
GMimeParserOptions* gmime_options();

// The text as valid UTF-8: bytes that are none are read as Latin-1.
std::string valid_utf8(std::string_view text);

// Any order and amount of characters outside the base64 alphabet is skipped.
std::string decode_base64(std::string_view text);

// The same on one line: control characters, and what XML knows no form for, turned into blanks.
std::string clean_line(std::string_view text);

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

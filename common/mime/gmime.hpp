// GMime and GLib as this library uses them, for its .cpp files only: nothing of GMime shows in the
// other headers.
//
// GMime's functions work on their arguments and on tables that g_mime_init() fills; what they share
// afterwards is the charset table (locked) and the options below (never changed). So they may be
// called from any thread once gmime_options() has been called, which every user here does first.
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

// Starts GMime on the first call. The options: lenient, unlabelled bytes are UTF-8 or else Latin-1
// whatever the locale says.
GMimeParserOptions* gmime_options();

// The text as valid UTF-8: as it is, or else all of it read as Latin-1.
std::string utf8_or_latin1(std::string_view text);

// The same on one line: control characters, and what XML knows no form for, turned into blanks.
std::string clean_line(std::string_view text);

template <class Function>
void for_each_character(std::string_view valid_utf8, Function&& function) {
  for (std::size_t at = 0; at < valid_utf8.size();) {
    const char* here = valid_utf8.data() + at;
    const auto length = static_cast<std::size_t>(g_utf8_next_char(here) - here);
    function(g_utf8_get_char(here), valid_utf8.substr(at, length));
    at += length;
  }
}

}  // namespace pec::mime

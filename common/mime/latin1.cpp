// SPDX-License-Identifier: GPL-2.0-or-later

// A character beyond Latin-1 is answered by the first of these that knows it:
//
//   1. our own tables below: for characters that the others lack, or answer in another sense;
//   2. ICU, for whole runs of such characters, because letters depend on their neighbours. It knows
//      some thirty scripts, and Latin's own letters and punctuation;
//   3. GLib, character by character: it knows signs that ICU leaves as they are ("€", "™", "①").
//
// Only runs of characters beyond Latin-1 are handed on. The text around them is never touched. So
// addresses and numbers stay as they are, and most texts cost nothing: ICU is not even called.
//
// The costs of ICU (version 72): its first use takes 20 ms and 5 MB, of which 1 MB is private. Each
// script, at its first use, mostly takes 1 ms and 0.1 MB more; Chinese takes 130 ms and 2 MB. All
// of this happens once in the life of a process, at first use: a script that never comes costs
// nothing. A run has a limit, because ICU edits its text in place. For one run of a whole hostile
// field, the time would grow with the square of its length.
#include "mime/latin1.hpp"

#include "base/c_handle.hpp"
#include "base/guarded.hpp"
#include "base/text.hpp"
#include "mime/charset.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <unicode/translit.h>
#include <unicode/unistr.h>
#include <utility>

namespace pec::mime {
namespace {

constexpr std::size_t run_limit = 100;  // characters

// The steps, each with the characters that it may change:
// - NFC: "e" and a mark become "é". Latin-1 has this letter, so it stays.
// - Letters, marks, digits and punctuation of other scripts become Latin. Numbers that are not
//   digits are left alone: Tamil's "2 tens" would be 210. So are signs: some would be dropped.
// - NFC again, for the new letters.
// - Latin letters and punctuation that Latin-1 lacks become ASCII.
constexpr const char* steps =
    "NFC; [[:L:][:M:][:Nd:][:Nl:][:P:]-[\\u0000-\\u00FF]] Any-Latin; "
    "NFC; [^\\u0000-\\u00FF] Latin-ASCII";

using TransliteratorPtr = std::unique_ptr<icu::Transliterator>;

TransliteratorPtr make_transliterator() {
  UErrorCode error = U_ZERO_ERROR;
  TransliteratorPtr made(icu::Transliterator::createInstance(icu::UnicodeString::fromUTF8(steps),
                                                             UTRANS_FORWARD, error));
  if (U_FAILURE(error) || !made)
    throw std::runtime_error(std::string("ICU can't transliterate to Latin: ") +
                             u_errorName(error) + "; reinstall libicu, its data are missing");
  return made;
}

// One for the process, since a copy would have to load its scripts again. ICU needs a lock: threads
// may share it, but not use it at the same time. It is never freed: at the end of the process other
// threads may still use it.
Guarded<TransliteratorPtr>& transliterator() {
  static auto& only = *new Guarded<TransliteratorPtr>(make_transliterator());
  return only;
}

using Answer = std::pair<gunichar, std::string_view>;  // the answer is in Latin-1

// Alone among Latin-1 characters these are units, not letters of a word: "5 μg" is not "5 mg".
constexpr Answer units[] = {{0x3a9, "Ohm"}, {0x2126, "Ohm"}, {0x3bc, "\xb5"}};

// Characters that ICU and GLib don't know, or don't know well.
constexpr Answer signs[] = {
    {0x18f, "E"},     {0x1dd, "e"},  {0x259, "e"},  {0x2b7, "w"},
    {0x2be, "'"},     {0x2bf, "'"},  {0x338, "/"},  // "=" struck through is not "="
    {0x2022, "\xb7"}, {0x2028, " "}, {0x2029, " "}, {0x2030, "%o"},
};

template <std::size_t Size>
std::optional<std::string> find(const Answer (&answers)[Size], gunichar c) {
  const auto* found = std::find_if(std::begin(answers), std::end(answers),
                                   [&](const Answer& each) { return each.first == c; });
  if (found == std::end(answers)) return std::nullopt;
  return std::string(found->second);
}

// It has no width of its own: it decorates its neighbours, or says how they join.
bool is_silent(gunichar c) {
  return g_unichar_ismark(c) || g_unichar_type(c) == G_UNICODE_FORMAT;
}

// Latin-1 for one character that ICU left as it is.
std::string sign(gunichar c) {
  if (auto known = find(signs, c)) return *std::move(known);
  if (is_silent(c)) return {};
  std::array<char, 7> octets{};
  g_unichar_to_utf8(c, octets.data());
  // "C" selects GLib's own table, whatever the process's locale is.
  const CHandle<char, g_free> ascii(g_str_to_ascii(octets.data(), "C"));
  return ascii.get();
}

// Latin-1 for a run of characters beyond Latin-1; a letter of Latin-1 may come first.
std::string transliterated(std::u32string_view run) {
  if (run.size() == 1)
    if (auto known = find(units, run.front())) return *std::move(known);

  icu::UnicodeString text;
  for (const char32_t c : run) text.append(static_cast<UChar32>(c));
  (*transliterator().lock())->transliterate(text);

  std::string out;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const auto c = static_cast<gunichar>(text.char32At(i));
    if (c < 0x100)
      out += static_cast<char>(c);
    else
      out += sign(c);
  }
  // A visible character must not vanish.
  if (out.empty() && !std::all_of(run.begin(), run.end(), is_silent)) return "?";
  return out;
}

// The run that begins a text, or nothing. A letter of Latin-1 belongs to it if a mark follows.
std::u32string_view first_run(std::u32string_view text) {
  std::size_t size = 0;
  if (text[0] < 0x100 && g_unichar_isalpha(text[0]) && text.size() > 1 && g_unichar_ismark(text[1]))
    ++size;
  while (size < std::min(text.size(), run_limit) && text[size] >= 0x100) ++size;
  return text.substr(0, size);
}

// `finish` is applied to the answer for each run, and to nothing else.
template <class Finish>
std::string converted(std::string_view utf8, Finish&& finish) {
  std::u32string characters;
  for_each_character(valid_utf8(utf8),
                     [&](gunichar c, std::string_view) { characters += char32_t{c}; });
  std::string out;
  for (std::u32string_view rest = characters; !rest.empty();) {
    const auto run = first_run(rest);
    if (run.empty())
      out += static_cast<char>(rest.front());
    else
      out += finish(transliterated(run));
    rest.remove_prefix(std::max<std::size_t>(run.size(), 1));
  }
  return out;
}

}  // namespace

std::string to_latin1(std::string_view utf8) {
  return converted(utf8, [](std::string run) { return run; });
}

std::string to_latin1_html(std::string_view utf8) {
  return converted(utf8, [](const std::string& run) { return text::escape_html(run); });
}

}  // namespace pec::mime

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/fingerprint.hpp"

#include "base/text.hpp"
#include "mime/digest.hpp"
#include "mime/part_tree.hpp"

#include <algorithm>
#include <string_view>

namespace pec {

namespace {

// In lower case. Octets beyond ASCII count as letters, so a name with an accent is whole.
constexpr std::string_view days_and_months[] = {
    "lunedì",    "martedì",   "mercoledì", "giovedì",  "venerdì",  "sabato",  "domenica",
    "gennaio",   "febbraio",  "marzo",     "aprile",   "maggio",   "giugno",  "luglio",
    "agosto",    "settembre", "ottobre",   "novembre", "dicembre", "monday",  "tuesday",
    "wednesday", "thursday",  "friday",    "saturday", "sunday",   "january", "february",
    "march",     "april",     "may",       "june",     "july",     "august",  "september",
    "october",   "november",  "december"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Separates the pieces that may hold a digit: blanks, control characters, and HTML's brackets.
bool is_blank(char c) {
  return (static_cast<unsigned char>(c) <= ' ') || c == '<' || c == '>' || c == '\x7f';
}

// Separates the words within a piece: the punctuation of ASCII.
bool is_punctuation(char c) {
  const char low = text::lower(c);
  return static_cast<unsigned char>(c) < 0x80 && (low < 'a' || low > 'z');
}

template <class Separates, class Function>
void split(std::string_view all, Separates separates, Function&& function) {
  while (!all.empty()) {
    const auto end = std::find_if(all.begin(), all.end(), separates);
    const auto length = static_cast<std::size_t>(end - all.begin());
    if (length != 0) function(all.substr(0, length));
    all.remove_prefix(std::min(length + 1, all.size()));
  }
}

void take_words(std::string& all, std::string_view content) {
  split(content, is_blank, [&](std::string_view apart) {
    if (std::any_of(apart.begin(), apart.end(), is_digit)) return;
    split(apart, is_punctuation, [&](std::string_view each) {
      const auto word = text::lower(each);
      if (std::find(std::begin(days_and_months), std::end(days_and_months), word) ==
          std::end(days_and_months))
        all += word + ' ';
    });
  });
}

void take_leaves(std::string& all, const mime::Part& part, std::string_view body) {
  for (const auto& child : part.children) take_leaves(all, child, body);
  if (!part.children.empty()) return;
  if (part.content_type.value.starts_with("text/"))
    take_words(all, mime::decode_content(part, body));
  else
    all += mime::sha1_hex(part.content(body)) + ' ';
}

}  // namespace

std::string fingerprint(const mime::Message& message) {
  const auto body = message.body.view;
  std::string all;
  take_leaves(all, mime::parse_message(message.header, body).root, body);
  return all.empty() ? "empty" : mime::sha1_hex(all);
}

}  // namespace pec

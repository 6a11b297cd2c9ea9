#include "pec/fingerprint.hpp"

#include "base/text.hpp"
#include "mime/digest.hpp"
#include "mime/part_tree.hpp"

#include <algorithm>
#include <string_view>

namespace pec {

namespace {

// In lower case. Octets beyond ASCII are letters here, so a name with an accent is whole.
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

// What separates words: blanks, control characters and the punctuation of ASCII.
bool is_between_words(char c) {
  const char low = text::lower(c);
  const bool is_letter = (low >= 'a' && low <= 'z') || static_cast<unsigned char>(c) >= 0x80;
  return !is_letter && !is_digit(c);
}

bool counts(std::string_view word) {
  return !word.empty() && std::none_of(word.begin(), word.end(), is_digit) &&
         std::find(std::begin(days_and_months), std::end(days_and_months), word) ==
             std::end(days_and_months);
}

void take_words(std::string& all, std::string_view content) {
  while (!content.empty()) {
    const auto end = std::find_if(content.begin(), content.end(), is_between_words);
    const auto length = static_cast<std::size_t>(end - content.begin());
    if (const auto word = text::lower(content.substr(0, length)); counts(word)) all += word + ' ';
    content.remove_prefix(std::min(length + 1, content.size()));
  }
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

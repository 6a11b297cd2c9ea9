#include "mime/date.hpp"

#include "base/c_handle.hpp"
#include "base/text.hpp"
#include "mime/gmime.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace pec::mime {

namespace {

// Exactly `digits` of them.
std::optional<unsigned> number(std::string_view text, std::size_t digits) {
  unsigned value = 0;
  const auto* end = text.data() + text.size();
  const bool all_digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text.size() != digits || !all_digits || std::from_chars(text.data(), end, value).ptr != end)
    return std::nullopt;
  return value;
}

std::optional<std::chrono::month> month_of(std::string_view name) {
  constexpr std::array names{"jan", "feb", "mar", "apr", "may", "jun",
                             "jul", "aug", "sep", "oct", "nov", "dec"};
  const auto* found = std::find(names.begin(), names.end(), text::lower(name));
  if (found == names.end()) return std::nullopt;
  return std::chrono::month(static_cast<unsigned>(found - names.begin()) + 1);
}

std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hour = number(text.substr(0, 2), 2);
  const auto minute = number(text.substr(3, 2), 2);
  const auto second = number(text.substr(6, 2), 2);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

std::optional<std::chrono::minutes> zone_of(std::string_view text) {
  if (text == "GMT") return std::chrono::minutes(0);
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = number(text.substr(1, 2), 2);
  const auto minutes = number(text.substr(3, 2), 2);
  if (!hours || !minutes || *minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return text[0] == '-' ? -offset : offset;
}

// "Sun, 22 Nov 2026": cut at blanks, and a comment at the end left out.
std::vector<std::string_view> words_of(std::string_view text) {
  if (const auto comment = text.find('('); comment != text.npos) {
    if (text.find_first_of("()", comment + 1) != text.size() - 1) return {};
    text = text::trim(text.substr(0, comment));
  }
  std::vector<std::string_view> words;
  for (const auto word : text::split(text, ' '))
    if (!word.empty()) words.push_back(word);
  return words;
}

}  // namespace

bool is_date(std::string_view unfolded_value) {
  start_gmime();
  const CHandle<GDateTime, g_date_time_unref> date(
      g_mime_utils_header_decode_date(std::string(unfolded_value).c_str()));
  return date != nullptr;
}

std::optional<std::chrono::sys_seconds> instant_of(std::string_view unfolded_value) {
  auto words = words_of(unfolded_value);
  if (words.size() == 6 && words.front().size() == 4 && words.front().ends_with(','))
    words.erase(words.begin());  // the day of the week follows from the date
  if (words.size() != 5) return std::nullopt;
  const auto day = number(words[0], words[0].size() == 1 ? 1 : 2);
  const auto month = month_of(words[1]);
  const auto year = number(words[2], 4);
  const auto time = time_of_day(words[3]);
  const auto zone = zone_of(words[4]);
  if (!day || !month || !year || !time || !zone) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), *month,
                                         std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + *time - *zone;
}

}  // namespace pec::mime

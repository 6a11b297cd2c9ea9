// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/date.hpp"

#include "base/text.hpp"
#include "mime/comment.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace pec::mime {

namespace {

// A number of exactly `digits` digits.
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

// "Sun, 22 Nov 2026": cut at blanks, without a comment at the end.
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

// RFC 5322, 3.3 and 4.3; the day of the week need not be the right one.
class DateReader {
public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  bool read() {
    skip();
    if (const auto name = letters(); !name.empty() && !(is_day(name) && (skip(), take(','))))
      return false;
    skip();
    const auto day = digits(1, 2);
    if (!day || !skip()) return false;
    const auto month = month_of(letters());
    if (!month || !skip()) return false;
    const auto year_digits = rest_.find_first_not_of("0123456789");
    const auto year = digits(2, 4);
    if (!year || !skip()) return false;
    return exists(full_year(*year, year_digits), *month, *day) && read_time() && skip() &&
           read_zone() && (skip(), rest_.empty());
  }

private:
  static bool is_day(std::string_view name) {
    constexpr std::array names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    return std::find(names.begin(), names.end(), text::lower(name)) != names.end();
  }

  static unsigned full_year(unsigned year, std::size_t digits) {  // 4.3
    if (digits > 3) return year;
    return year + (digits == 2 && year < 50 ? 2000 : 1900);
  }

  static bool exists(unsigned year, std::chrono::month month, unsigned day) {
    return year >= 1900 && std::chrono::year_month_day{std::chrono::year(static_cast<int>(year)),
                                                       month, std::chrono::day(day)}
                               .ok();
  }

  bool read_time() {
    const auto hour = digits(2, 2);
    if (!hour || *hour > 23 || (skip(), !take(':'))) return false;
    skip();
    const auto minute = digits(2, 2);
    if (!minute || *minute > 59) return false;
    const auto behind = rest_;
    skip();
    if (!take(':')) {
      rest_ = behind;
      return true;
    }
    skip();
    const auto second = digits(2, 2);
    return second && *second <= 60;
  }

  bool read_zone() {
    if (take('+') || take('-')) {
      const auto zone = digits(4, 4);
      return zone && *zone % 100 <= 59;
    }
    constexpr std::array names{"ut", "gmt", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt"};
    const auto name = text::lower(letters());
    return (name.size() == 1 && name != "j") ||
           std::find(names.begin(), names.end(), name) != names.end();
  }

  // Skips blanks and comments; true if there were any.
  bool skip() {
    const auto before = rest_.size();
    rest_ = without_leading_comments(rest_);
    return rest_.size() != before;
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view letters() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), [](char c) {
      const char low = text::lower(c);
      return low >= 'a' && low <= 'z';
    });
    const auto found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(found.size());
    return found;
  }

  std::optional<unsigned> digits(std::size_t least, std::size_t most) {
    const auto count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (count < least || count > most) return std::nullopt;
    const auto value = number(rest_.substr(0, count), count);
    rest_.remove_prefix(count);
    return value;
  }

  std::string_view rest_;
};

}  // namespace

bool is_date(std::string_view unfolded_value) {
  return DateReader(unfolded_value).read();
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

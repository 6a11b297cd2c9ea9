// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/stamp.hpp"

#include <array>
#include <cstdlib>
#include <date/tz.h>
#include <fmt/format.h>
#include <stdexcept>

namespace pec {

namespace {

// The decimal number of exactly these many digits at `at`; -1 if there is none.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

}  // namespace

std::optional<Instant> instant_of(std::string_view date, std::string_view time,
                                  std::string_view offset) {
  if (date.size() != 10 || date[2] != '/' || date[5] != '/' || time.size() != 8 || time[2] != ':' ||
      time[5] != ':' || offset.size() != 5 || (offset[0] != '+' && offset[0] != '-'))
    return std::nullopt;
  const int day = number_at(date, 0, 2), month = number_at(date, 3, 2),
            year = number_at(date, 6, 4);
  const int hour = number_at(time, 0, 2), minute = number_at(time, 3, 2),
            second = number_at(time, 6, 2);
  const int zone_hours = number_at(offset, 1, 2), zone_minutes = number_at(offset, 3, 2);
  if (day < 0 || month < 0 || year < 0 || zone_hours < 0 || zone_minutes < 0) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  const std::chrono::year_month_day written{std::chrono::year(year),
                                            std::chrono::month(static_cast<unsigned>(month)),
                                            std::chrono::day(static_cast<unsigned>(day))};
  if (!written.ok()) return std::nullopt;
  const auto zone = std::chrono::hours(zone_hours) + std::chrono::minutes(zone_minutes);
  const Instant local = std::chrono::sys_days(written) + std::chrono::hours(hour) +
                        std::chrono::minutes(minute) + std::chrono::seconds(second);
  return offset[0] == '-' ? local + zone : local - zone;
}

LegalTime::LegalTime(const std::string& zone) {
  try {
    zone_ = date::locate_zone(zone);
  } catch (const std::runtime_error&) {
    throw std::runtime_error(
        fmt::format("time zone \"{}\" is not known to this system: install tzdata, or correct "
                    "provider.time_zone",
                    zone));
  }
}

Stamp LegalTime::stamp(Instant at) const {
  constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto info = static_cast<const date::time_zone*>(zone_)->get_info(at);
  const Instant local = at + info.offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(local - day);

  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(info.offset).count();
  const auto year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto month_day = static_cast<unsigned>(date.day());

  Stamp stamp;
  stamp.at = at;
  stamp.date = fmt::format("{:02}/{:02}/{:04}", month_day, month, year);
  stamp.time = fmt::format("{:02}:{:02}:{:02}", time.hours().count(), time.minutes().count(),
                           time.seconds().count());
  stamp.offset = fmt::format("{}{:02}{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                             std::abs(minutes) % 60);
  stamp.header =
      fmt::format("{}, {:02} {} {:04} {} {}", weekdays[std::chrono::weekday(day).c_encoding()],
                  month_day, months[month - 1], year, stamp.time, stamp.offset);
  return stamp;
}

}  // namespace pec

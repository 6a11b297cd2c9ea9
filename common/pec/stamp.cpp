#include "pec/stamp.hpp"

#include <array>
#include <cstdlib>
#include <date/tz.h>
#include <fmt/format.h>
#include <stdexcept>

namespace pec {

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

#include "base/ids.hpp"

#include "base/text.hpp"

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <sys/random.h>
#include <system_error>

namespace pec {

namespace {

// 2026-11-22 05:11:22 UTC -> "20261122051122": for the operator who reads a log; uniqueness does
// not depend on it.
std::string compact_utc(Instant now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(now - day);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace

std::string RandomIdSource::next(Instant now) {
  std::array<char, 16> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    throw std::system_error(errno, std::generic_category(), "getrandom");
  return compact_utc(now) + "." + text::base32({random.data(), random.size()});
}

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/utc.hpp"

#include <date/date.h>
#include <sstream>

namespace pec {

std::string utc_day(Instant at) {
  return date::format("%F", at);
}

std::string utc_time(Instant at) {
  return date::format("%FT%TZ", at);
}

std::string utc_compact(Instant at) {
  return date::format("%Y%m%d%H%M%S", at);
}

std::optional<Instant> instant_of_utc(std::string_view time) {
  std::istringstream in{std::string(time)};
  Instant at;
  in >> date::parse("%FT%TZ", at);
  if (!in || utc_time(at) != time) return std::nullopt;
  return at;
}

}  // namespace pec

#include "base/utc.hpp"

#include <date/date.h>

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

}  // namespace pec

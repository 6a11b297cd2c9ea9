#include "json.hpp"

#include <date/date.h>

namespace pec::pecctl {

std::string utc(Instant at) {
  return date::format("%FT%TZ", at);
}

std::string json_text(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pec::pecctl

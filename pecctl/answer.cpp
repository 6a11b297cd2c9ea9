// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/answer.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pec::pecctl {

std::string time_text(const LegalTime& zone, Instant at) {
  const auto stamp = zone.stamp(at);
  const auto date = text::split(stamp.date, '/');
  return fmt::format("{}-{}-{} {} {}", date.at(2), date.at(1), date.at(0), stamp.time,
                     stamp.offset);
}

std::string json_text(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pec::pecctl

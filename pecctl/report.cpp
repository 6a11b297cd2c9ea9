// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/report.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace pec::pecctl {

std::string time_text(const LegalTime& zone, Instant at) {
  const auto stamp = zone.stamp(at);
  const auto date = text::split(stamp.date, '/');
  return fmt::format("{}-{}-{} {} {}", date.at(2), date.at(1), date.at(0), stamp.time,
                     stamp.offset);
}

}  // namespace pec::pecctl

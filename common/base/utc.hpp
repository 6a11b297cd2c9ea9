// SPDX-License-Identifier: GPL-2.0-or-later

// An instant as text in UTC, for operators and programs. Certified mail shows legal time:
// pec/stamp.hpp.
//
// Pure functions, any thread.
#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pec {

std::string utc_day(Instant at);      // "2026-11-22"
std::string utc_time(Instant at);     // "2026-11-22T05:11:22Z" (RFC 3339)
std::string utc_compact(Instant at);  // "20261122051122"

// Reads the text of utc_time(); nothing for any other text.
std::optional<Instant> instant_of_utc(std::string_view time);

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// An instant as text in UTC, for operators and programs. What certified mail says of times is in legal
// time: pec/stamp.hpp.
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

// What utc_time() wrote; nothing if it is anything else.
std::optional<Instant> instant_of_utc(std::string_view time);

}  // namespace pec

// An instant as text in UTC, for operators and programs. What certified mail says of times is in legal
// time: pec/stamp.hpp.
//
// Pure functions, any thread.
#pragma once

#include "base/clock.hpp"

#include <string>

namespace pec {

std::string utc_day(Instant at);      // "2026-11-22"
std::string utc_time(Instant at);     // "2026-11-22T05:11:22Z" (RFC 3339)
std::string utc_compact(Instant at);  // "20261122051122"

}  // namespace pec

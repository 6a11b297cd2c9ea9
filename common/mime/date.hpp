// Dates in header fields (RFC 5322, 3.3). Pure, any thread.
#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string_view>

namespace pec::mime {

// Whether the value of a Date field tells a moment that exists. Read as mail programs do: day names
// in any language, obsolete zones and comments pass; "32 Nov" and "yesterday" don't.
bool is_date(std::string_view unfolded_value);

// That moment.
std::optional<Instant> parse_date(std::string_view unfolded_value);

}  // namespace pec::mime

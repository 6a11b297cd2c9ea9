// SPDX-License-Identifier: GPL-2.0-or-later

// Dates in header fields (RFC 5322, 3.3). Pure, any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace pec::mime {

// Whether the value of a Date field is a date by RFC 5322, obsolete forms and comments included, of
// a moment that exists. "32 Nov", "yesterday" and days in other languages are not.
bool is_date(std::string_view unfolded_value);

// The moment in a Date field, if all readers read it alike: in today's form of RFC 5322, with
// seconds, with "GMT" or an offset as zone, and with at most one comment behind it. Nothing
// otherwise.
//
//     instant_of("Sun, 22 Nov 2026 05:11:22 +0100 (CET)")
std::optional<std::chrono::sys_seconds> instant_of(std::string_view unfolded_value);

}  // namespace pec::mime

// SPDX-License-Identifier: GPL-2.0-or-later

// Certified time as it is shown: legal time, with its offset from UTC (RFC 6109, 4.2 and 5.1).
//
//     LegalTime zone("Europe/Rome");
//     Stamp stamp = zone.stamp(now);        // 22/11/2026  05:11:22  +0100
//
// Any thread.
#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pec {

// One instant, ready for text, XML and header. All fields come from the same clock reading.
struct Stamp {
  Instant at;
  std::string date;    // "22/11/2026"
  std::string time;    // "05:11:22"
  std::string offset;  // "+0100"
  std::string header;  // "Sun, 22 Nov 2026 05:11:22 +0100" (RFC 5322, 3.3)

  bool operator==(const Stamp&) const = default;
};

// The instant of such a text: instant_of("22/11/2026", "05:11:22", "+0100"). Nothing if the text is
// not a time: it may come from another provider's certification data.
std::optional<Instant> instant_of(std::string_view date, std::string_view time,
                                  std::string_view offset);

// A legal time zone; knows when summer time holds. Immutable, any thread.
class LegalTime {
public:
  // `zone`: a name of the tz database. Throws std::runtime_error, with what to do, if the system
  // does not know it.
  explicit LegalTime(const std::string& zone);

  Stamp stamp(Instant at) const;

private:
  const void* zone_;  // date::time_zone, owned by the tz library for the life of the process
};

}  // namespace pec

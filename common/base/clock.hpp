// SPDX-License-Identifier: GPL-2.0-or-later

// The certified clock. Every event reads it once. That one value stands in the header, the text,
// the XML and the log of all that the event produces (RFC 6109, 4.1). Seconds, UTC. Legal time is
// for display only (pec/stamp.hpp).
#pragma once

#include <chrono>

namespace pec {

using Instant = std::chrono::sys_seconds;

class Clock {
public:
  virtual ~Clock() = default;
  virtual Instant now() const noexcept = 0;  // any thread
};

class SystemClock final : public Clock {
public:
  Instant now() const noexcept override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// A clock that shows what the test has set it to.
//
//     TestClock clock;      // shows test_time
//     clock.advance(1h);
//     clock.set(test_time);
//
// Any thread may set, advance and read it.
#pragma once

#include "base/clock.hpp"

#include <atomic>

namespace pec::test {

// 2026-11-22 05:11:22 UTC.
inline constexpr Instant test_time{std::chrono::seconds{1795324282}};

class TestClock final : public Clock {
public:
  explicit TestClock(Instant now = test_time) : seconds_(now.time_since_epoch().count()) {}
  Instant now() const noexcept override { return Instant{std::chrono::seconds{seconds_}}; }
  void set(Instant now) noexcept { seconds_ = now.time_since_epoch().count(); }
  void advance(std::chrono::seconds time) noexcept { seconds_ += time.count(); }

private:
  std::atomic<std::chrono::seconds::rep> seconds_;
};

}  // namespace pec::test

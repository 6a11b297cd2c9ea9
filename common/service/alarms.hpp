// SPDX-License-Identifier: GPL-2.0-or-later

// Which alarm is told, where somebody may cause thousands: the first of its kind, and after a while how many
// more there were.
//
//     Alarms alarms(clock);
//     if (alarms.tell({"replay"})) spdlog::error(...);
//     for (const auto& line : alarms.gathered()) spdlog::warn(line);   // now and then, and at the end
//
// What is kept is bounded: beyond `most_alarm_names`, further names are one.
//
// Any thread.
#pragma once

#include "base/clock.hpp"
#include "base/guarded.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pec {

// How long the same kind of thing, once told, is only counted.
inline constexpr std::chrono::hours alert_silence{1};

inline constexpr std::size_t most_alarm_names = 1000;

class Alarms {
public:
  explicit Alarms(const Clock& clock) : clock_(clock) {}

  // Whether it is to be told: always where it has no name, else if one of the names was not told for a while.
  bool tell(const std::vector<std::string>& names);

  // A line for each name whose time is over and of which more came: how many were not told. Each once.
  enum class When { is_over, now };
  std::vector<std::string> gathered(When when = When::is_over);

private:
  struct Told {
    Instant at;
    std::uint64_t more = 0;  // that were not told
  };
  struct State {
    std::map<std::string, Told> told;
    std::vector<std::string> gathered;  // of times that are over
  };
  static void end(State& state, const std::string& name, const Told& told);

  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace pec

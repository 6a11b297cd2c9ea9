// SPDX-License-Identifier: GPL-2.0-or-later

// Decides which alarms an operator gets, where somebody may cause thousands. The first of each kind
// is told; a later line says how many more came.
//
//     Alarms alarms(clock);
//     if (alarms.tell({"replay"})) spdlog::error(...);
//     // now and then, and at the end
//     for (const auto& line : alarms.gathered()) spdlog::warn(line);
//
// Keeps at most `most_alarm_names` names; all further names count as one.
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

namespace pec::service {

// After an alarm is told, others of its kind are only counted for this long.
inline constexpr std::chrono::hours alert_silence{1};

inline constexpr std::size_t most_alarm_names = 1000;

class Alarms {
public:
  explicit Alarms(const Clock& clock) : clock_(clock) {}

  // Whether to tell it: yes if it has no name, or if one of its names was not told for a while.
  bool tell(const std::vector<std::string>& names);

  // One line for each name whose silence is over and that came again: how many were not told. Each
  // line comes once.
  enum class When { is_over, now };
  std::vector<std::string> gathered(When when = When::is_over);

private:
  struct Told {
    Instant at;
    std::uint64_t more = 0;  // not told
  };
  struct State {
    std::map<std::string, Told> told;
    std::vector<std::string> gathered;  // of silences that are over
  };
  static void end(State& state, const std::string& name, const Told& told);

  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace pec::service

// What happens often is counted, and alarms once for a while (docs/architecture.md, "Incidents"): a
// flood of replays is one line for the operator and a number in `pecctl status`, not thousands of
// alerts.
//
//     Tally tally(*clock);
//     const bool alert = decision.alert && tally.count(decision.counted, decision.alert);
//     tally.store(*ledger, "mx1.pec.example");   // now and then, and at the end
//     for (const auto& line : tally.gathered()) spdlog::warn(line);   // likewise
//
// Names are those in the code: few, whatever comes. So what is kept here is bounded.
//
// Any thread.
#pragma once

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"
#include "pec/ports.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pec::milter {

// How long the same kind of thing, once told, is only counted.
inline constexpr std::chrono::hours alert_silence{1};

class Tally {
public:
  explicit Tally(const Clock& clock) : clock_(clock) {}

  // Counts each name once. True if an alert about it is to be raised: always where it has no name, else
  // if one of the names was not told for a while.
  bool count(const std::vector<std::string>& names, bool is_alert);

  // Counts a message that waits, and comes again: somebody may send thousands that do. True as above. `role`:
  // "pec-access". What anybody can make wait has another name than an outage, and can't hide its alert.
  bool alert_of_waiting(std::string_view role, ErrorSource source);

  // A line for each name whose time is over and of which more came: how many were not told. Each once.
  enum class When { is_over, now };
  std::vector<std::string> gathered(When when = When::is_over);

  // Adds to the ledger what was counted since the last time. On error it is kept for the next call.
  Result<void> store(Ledger& ledger, const std::string& node);

private:
  struct Told {
    Instant at;
    std::uint64_t more = 0;  // that were alerts, too, and were not told
  };
  struct State {
    std::map<std::string, std::uint64_t> counts;
    std::map<std::string, Told> told;
    std::vector<std::string> gathered;  // of times that are over
  };
  static void end(State& state, const std::string& name, const Told& told);
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace pec::milter

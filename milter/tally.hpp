// What happens often is counted, and alarms once for a while (docs/architecture.md, "Incidents"): a
// flood of replays is one line for the operator and a number in `pecctl status`, not thousands of
// alerts.
//
//     Tally tally(*clock);
//     const bool alert = decision.alert && tally.count(decision.counted, decision.alert);
//     tally.store(*ledger, "mx1.pec.example");   // now and then, and at the end
//
// Any thread.
#pragma once

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "pec/ports.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
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

  // Adds to the ledger what was counted since the last time. On error it is kept for the next call.
  Result<void> store(Ledger& ledger, const std::string& node);

private:
  struct State {
    std::map<std::string, std::uint64_t> counts;
    std::map<std::string, Instant> told;
  };
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace pec::milter

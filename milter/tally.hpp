// SPDX-License-Identifier: GPL-2.0-or-later

// What happens often is counted, and alarms once for a while (docs/architecture.md, "Incidents"): a
// flood of replays is one line for the operator and a number in `pecctl status`, not thousands of
// alerts.
//
//     Tally tally(*clock);
//     const bool alert = tally.count(decision.counted, decision.alerts);
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
#include "milter/role.hpp"
#include "pec/ports.hpp"
#include "service/alarms.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pec::milter {

class Tally {
public:
  explicit Tally(const Clock& clock) : alarms_(clock) {}

  // Counts each name. True if an alert is to be raised, as Alarms::tell() has it of `alerts`.
  bool count(const std::vector<std::string>& names, const std::vector<std::string>& alerts = {});

  // Counts a message that waits, and comes again: somebody may send thousands that do. True as above. No
  // role: the session has none yet. What anybody can make wait has another name than an outage, and can't
  // hide its alert.
  bool alert_of_waiting(std::optional<Role> role, ErrorSource source);

  // As of Alarms.
  using When = Alarms::When;
  std::vector<std::string> gathered(When when = When::is_over) { return alarms_.gathered(when); }

  // Adds to the ledger what was counted since the last time. On error it is kept for the next call.
  Result<void> store(NodeStates& states, const std::string& node);

private:
  Alarms alarms_;
  Guarded<std::map<std::string, std::uint64_t>> counts_;
};

}  // namespace pec::milter

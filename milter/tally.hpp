// SPDX-License-Identifier: GPL-2.0-or-later

// Counts frequent events, and raises an alarm for each kind only once in a while
// (docs/architecture.md, "Incidents"). A flood of replays is one line for the operator and a number
// in `pecctl status`, not thousands of alerts.
//
//     Tally tally(*clock);
//     const bool alert = tally.count(decision.counted, decision.alerts);
//     tally.store(*ledger, "mx1.pec.example");   // now and then, and at the end
//     for (const auto& line : tally.gathered()) spdlog::warn(line);   // likewise
//
// All names come from the code. They are few, whatever mail comes, so the memory is bounded.
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

  // Counts each name. True if an alert is to be raised for `alerts`, as Alarms::tell() decides.
  bool count(const std::vector<std::string>& names, const std::vector<std::string>& alerts = {});

  // Counts a message that waits and comes again: somebody may send thousands of them. True as
  // above. No role: the session has none yet. Each error source has its own name, so a flood that
  // anybody can cause can't hide the alert of an outage.
  bool alert_of_waiting(std::optional<Role> role, ErrorSource source);

  // As in Alarms.
  using When = service::Alarms::When;
  std::vector<std::string> gathered(When when = When::is_over) { return alarms_.gathered(when); }

  // Adds the counts since the last call to the ledger. On error it keeps them for the next call.
  Result<void> store(NodeStates& states, const std::string& node);

private:
  service::Alarms alarms_;
  Guarded<std::map<std::string, std::uint64_t>> counts_;
};

}  // namespace pec::milter

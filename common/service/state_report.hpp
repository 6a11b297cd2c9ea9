// SPDX-License-Identifier: GPL-2.0-or-later

// Reports to the log and the ledger (`pecctl status`) how a part of this node does, when that
// changes. If the ledger can't take a report, the next report offers it again; the log says so
// once.
//
//     StateReport report(*ledger, clock, "mx1.pec.example", "directory", log);
//     report({true, "3 providers, 5 domains"});
//
// One thread at a time.
#pragma once

#include "base/clock.hpp"
#include "base/watch.hpp"
#include "pec/ports.hpp"

#include <optional>
#include <string>

namespace pec::service {

class StateReport {
public:
  using Log = Watch::Report;  // one line of the log

  StateReport(NodeStates& states, const Clock& clock, std::string node, std::string component,
              Log log);

  void operator()(const PartState& state);

private:
  NodeStates* states_;
  const Clock* clock_;
  std::string node_;
  std::string component_;
  Log log_;
  std::optional<ComponentState> told_;  // in the log
  bool noted_ = false;                  // also in the ledger
  bool told_unnoted_ = false;           // the log said that it is not
};

}  // namespace pec::service

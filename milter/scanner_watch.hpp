// SPDX-License-Identifier: GPL-2.0-or-later

// Looks now and then whether the virus scanner does its work, by having it scan a harmless message,
// and tells the log and the ledger (`pecctl status`) when that changes. So an operator learns of a
// missing or old database before the first message has to wait. A milter without a scanner is BAD for
// good: nothing keeps viruses from being certified.
//
//     const ScannerWatch watch(scanner.get(), *ledger, clock, "mx1.pec.example",
//                              [](bool good, const std::string& text) { ... });   // one log line
//
// The first look is in the constructor, the others in a thread of its own, until it goes.
#pragma once

#include "base/clock.hpp"
#include "pec/ports.hpp"
#include "service/state_report.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace pec::milter {

class ScannerWatch {
public:
  using Log = StateReport::Log;

  ScannerWatch(const Scanner* scanner, NodeStates& states, const Clock& clock, std::string node,
               Log log, std::chrono::milliseconds every = std::chrono::minutes(1));

private:
  void look();

  const Scanner* scanner_;  // null: none
  StateReport report_;      // the thread's own once it runs
  std::jthread thread_;     // last: stops before the rest goes
};

}  // namespace pec::milter

// SPDX-License-Identifier: GPL-2.0-or-later

// Looks now and then whether the virus store has room, and tells the log and the ledger (`pecctl status`)
// when that changes: while it has none, what is infected and new waits.
//
//     const StoreWatch watch(*services.virus_store, StateReport(*ledger, clock, node, "virus-store", log));
//
// The first look is in the constructor, the others in a thread of its own, until it goes.
#pragma once

#include "pec/ports.hpp"
#include "service/state_report.hpp"

#include <chrono>
#include <thread>

namespace pec::milter {

class StoreWatch {
public:
  StoreWatch(const VirusStore& store, StateReport report,
             std::chrono::milliseconds every = std::chrono::seconds(10));

private:
  void look();

  const VirusStore& store_;
  StateReport report_;   // the thread's own once it runs
  std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace pec::milter

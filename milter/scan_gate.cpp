// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/scan_gate.hpp"

#include <fmt/format.h>

namespace pec::milter {

using Steady = std::chrono::steady_clock;

Result<ScanGate::Turn> ScanGate::enter(const ScanParty& party) {
  std::unique_lock lock(mutex_);
  PEC_TRY(const auto ticket, shares_.join(party, Steady::now()));
  Turn turn(*this, ticket);
  const bool has_turn =
      changed_.wait_for(lock, patience_, [&] { return shares_.has_turn(ticket); });
  lock.unlock();  // before the turn may go
  if (has_turn) return turn;
  return unavailable(
      fmt::format("its turn to be scanned did not come in {} s", patience_.count() / 1000));
}

void ScanGate::leave(ScanShares::Ticket ticket) {
  {
    const std::lock_guard lock(mutex_);
    shares_.leave(ticket, Steady::now());
  }
  changed_.notify_all();
}

}  // namespace pec::milter

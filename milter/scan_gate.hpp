// SPDX-License-Identifier: GPL-2.0-or-later

// A session waits here for its turn to have a message scanned (pec/scan_shares.hpp).
//
//     // waits, but only for `patience`
//     const auto turn = gate.enter({ScanKind::submission, login});
//     if (!turn) return put_off(turn.error());
//     scanner.scan(message);                                       // until *turn goes
//
// Errors: unavailable, with a sentence for the log: the client must send the message again. Any
// thread.
#pragma once

#include "base/result.hpp"
#include "pec/scan_shares.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

namespace pec::milter {

class ScanGate {
public:
  // A place among the scans; the destructor gives it back.
  class Turn {
  public:
    Turn(ScanGate& gate, ScanShares::Ticket ticket) : gate_(&gate), ticket_(ticket) {}
    Turn(Turn&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), ticket_(other.ticket_) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (gate_) gate_->leave(ticket_);
    }

  private:
    ScanGate* gate_;
    ScanShares::Ticket ticket_;
  };

  explicit ScanGate(const ScanLimits& limits = {}) : patience_(limits.patience), shares_(limits) {}

  Result<Turn> enter(const ScanParty& party);

private:
  void leave(ScanShares::Ticket ticket);

  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  ScanShares shares_;
};

}  // namespace pec::milter

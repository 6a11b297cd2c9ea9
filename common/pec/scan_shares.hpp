// SPDX-License-Identifier: GPL-2.0-or-later

// Whose message is scanned for viruses next. A scan may take a minute of a processor, so the number
// of scans at once is limited. Each ScanKind has its own places, and lends none. Within a kind, the
// parties take turns.
//
//     ScanShares shares({});
//     const auto ticket = shares.join({ScanKind::submission, login}, now);  // error: too long
//     ... until shares.has_turn(*ticket): wait for others to leave
//     scan(); shares.leave(*ticket, now);
//
// The party with the least scanning time in the window comes first, and waits up to `patience`.
//
// Anybody may be behind a login, or behind an address that sends ordinary mail. Such a party has
// one message scanned at a time. Those that have had more than `light_time` share half of the
// places. The other half is always free for the others. A party that has had `most_time` must come
// again later.
//
// A provider answers for what it has signed, and may send much. It may have more places at once
// while half of all stay free: these are for providers that have none.
//
// Errors: unavailable, with a sentence for the log. Times are of a clock that never goes back. Pure
// except for its own memory, which is that of one process: another node, or a restart, counts from
// zero. One thread at a time.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace pec {

enum class ScanKind {
  submission,  // from a login
  certified,   // signed by a provider
  ordinary,    // from an address outside
  sieve,       // what Sieve sends to a mailbox of ours
  receipt,     // the copies for receipts
};

struct ScanParty {
  ScanKind kind{};
  std::string who{};  // login, provider or address; empty: all of this kind are one party
  auto operator<=>(const ScanParty&) const = default;
};

struct ScanLimits {
  // At once. Together less than pec-scanner's sixteen: one is left for questions about its state.
  std::size_t submissions = 4;
  std::size_t certified = 4;
  std::size_t ordinary = 4;
  std::size_t sieve = 1;
  std::size_t receipts = 1;
  std::chrono::seconds patience{30};  // mail clients give up after 100 s, scan included
  std::chrono::seconds window{600};
  std::chrono::seconds light_time{20};  // of a login or address, in the window
  std::chrono::seconds most_time{300};  // the same
};

class ScanShares {
public:
  using Time = std::chrono::steady_clock::time_point;
  using Ticket = std::uint64_t;

  explicit ScanShares(const ScanLimits& limits) : limits_(limits) {}

  Result<Ticket> join(const ScanParty& party, Time now);
  bool has_turn(Ticket ticket) const { return running_.contains(ticket); }
  // It was scanned, or waits no longer. Others may have their turns now.
  void leave(Ticket ticket, Time now);

private:
  struct Scan {
    ScanParty party;
    Time since;
  };
  struct Done {
    ScanParty party;
    Time at;
    std::chrono::milliseconds took;
  };
  struct Spent {
    std::chrono::milliseconds time{0};
    std::size_t scans = 0;
  };

  std::size_t places_of(ScanKind kind) const;
  std::size_t most_at_once(const ScanParty& party) const;
  Spent spent_by(const ScanParty& party, Time now) const;
  bool is_heavy(const ScanParty& party, Time now) const;
  bool has_place(const ScanParty& party, Time now) const;
  void give_turns(Time now);
  void forget(Time now);

  ScanLimits limits_;
  std::map<Ticket, Scan> running_;
  std::map<Ticket, ScanParty> waiting_;  // by arrival
  std::deque<Done> done_;                // in the window, the oldest first
  std::map<ScanParty, Spent> spent_;     // sums over `done_`
  Ticket last_ = 0;
};

}  // namespace pec

// Whose message is scanned for viruses next. A scan may take a minute of a processor, so scans at once are
// limited, in shares that don't borrow from each other: submissions, what comes in, copies for receipts.
// Within the first, each login has its turn.
//
//     ScanShares shares({});
//     const auto ticket = shares.join(ScanKind::submission, login, now);   // error: it would take too long
//     ... until shares.has_turn(*ticket): wait for others to leave
//     scan(); shares.leave(*ticket, now);
//
// A login has one message scanned at a time; its others wait, up to `patience`. Who has had the least
// scanning time in the window comes first. Logins that have had more than `light_time` share half of the
// places, so that the other half is always for those who send ordinary mail. A login that has had
// `login_time` comes again later.
//
// Errors: unavailable, with a sentence for the log. Times are of a clock that never goes back. Pure but for
// its own memory, which is that of one process: another node, or a restart, counts anew. One thread at a
// time.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace pec {

enum class ScanKind { submission, incoming, receipt };

struct ScanLimits {
  // At once. Together below the sixteen of pec-scanner: one is left for the question how it does.
  std::size_t submissions = 4;
  std::size_t incoming = 4;
  std::size_t receipts = 1;
  std::chrono::seconds patience{30};  // mail clients give up after a hundred, with the scan itself
  std::chrono::seconds window{600};
  std::chrono::seconds light_time{20};   // of a login, in the window
  std::chrono::seconds login_time{300};  // likewise
};

class ScanShares {
public:
  using Time = std::chrono::steady_clock::time_point;
  using Ticket = std::uint64_t;

  explicit ScanShares(const ScanLimits& limits) : limits_(limits) {}

  // `login`: canonical; empty where there is none.
  Result<Ticket> join(ScanKind kind, const std::string& login, Time now);
  bool has_turn(Ticket ticket) const { return running_.contains(ticket); }
  // It was scanned, or waits no longer. Others may have their turn now.
  void leave(Ticket ticket, Time now);

private:
  struct Party {  // a login; or all that is not submitted, by its kind
    ScanKind kind{};
    std::string login;
    auto operator<=>(const Party&) const = default;
  };
  struct Scan {
    Party party;
    Time since;
  };
  struct Done {
    Party party;
    Time at;
    std::chrono::milliseconds took;
  };
  struct Spent {
    std::chrono::milliseconds time{0};
    std::size_t scans = 0;
  };

  std::size_t places_of(ScanKind kind) const;
  std::size_t places_of(const Party& party) const;
  Spent spent_by(const Party& party, Time now) const;
  bool is_heavy(const Party& party, Time now) const;
  bool has_place(const Party& party, Time now) const;
  void give_turns(Time now);
  void forget(Time now);

  ScanLimits limits_;
  std::map<Ticket, Scan> running_;
  std::map<Ticket, Party> waiting_;  // in the order in which they came
  std::deque<Done> done_;            // in the window, the oldest first
  std::map<Party, Spent> spent_;     // by what is in `done_`
  Ticket last_ = 0;
};

}  // namespace pec

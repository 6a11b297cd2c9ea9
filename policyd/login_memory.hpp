// SPDX-License-Identifier: GPL-2.0-or-later

// Remembers facts about logins that the ledger does not hold and that may be lost when the process
// ends.
//
//     LoginMemory memory;
//     facts.under_way = memory.under_way(attempt);
//     memory.begin(attempt, mark, facts.known);     // it is allowed
//     if (memory.is_new_failure(attempt, mark)) ... // it failed: count it in the ledger
//     memory.end(attempt, mark);                    // it was counted, or need not be
//
// An attempt without a report (its client went away) is under way for ten seconds. The marks of
// failed passwords are kept for an hour. Both lists have a limit; beyond it, the oldest entry is
// forgotten. Then an attempt under way is not counted in advance, and the same wrong password is
// counted again.
//
// One thread at a time.
#pragma once

#include "pec/login_guard.hpp"
#include "policyd/login_request.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <utility>

namespace pec::policyd {

inline constexpr std::chrono::seconds under_way_for{10};
inline constexpr std::size_t most_under_way = 5000, most_failed_marks = 50'000;

class LoginMemory {
public:
  LoginsUnderWay under_way(const LoginAttempt& attempt);
  void begin(const LoginAttempt& attempt, const PasswordMark& mark, bool known);
  void end(const LoginAttempt& attempt, const PasswordMark& mark);

  // True if it was not counted within the last hour; from now on it counts as counted. Without a
  // mark, each failure is new.
  bool is_new_failure(const LoginAttempt& attempt, const PasswordMark& mark);
  // Takes that back: the ledger could not count it.
  void forget_failure(const LoginAttempt& attempt, const PasswordMark& mark);

private:
  struct Begun {
    LoginAttempt attempt;
    PasswordMark mark;
    bool known;
  };
  using Failed = std::pair<std::string, PasswordMark>;

  void forget_old(Instant now);

  std::list<Begun> begun_;            // the oldest first
  std::map<Failed, Instant> failed_;  // when it was counted
  std::list<Failed> failed_in_order_;
};

}  // namespace pec::policyd

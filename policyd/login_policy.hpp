// SPDX-License-Identifier: GPL-2.0-or-later

// Dovecot's questions about logins, answered (pec/login_guard.hpp has the rule).
//
//     LoginPolicy logins(*ledger, clock, alarms);
//     logins.allow(request)     // {"status":0}, or {"status":-1,"msg":"..."}
//     logins.report(request);   // how it ended; waits for the ledger
//     logins.unjudged()         // for `pecctl status`
//
// While the ledger can't be asked, logins go on, with an alarm: a mailbox is to be reached. What fails is not
// logged by itself, since Dovecot does that; what is refused is told once, then as a number. Any thread, many at
// once.
#pragma once

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "pec/ports.hpp"
#include "policyd/login_memory.hpp"
#include "policyd/login_request.hpp"
#include "service/alarms.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace pec::policyd {

// How long `pecctl status` shows that logins went on unjudged.
inline constexpr std::chrono::minutes unjudged_shows_for{10};

class LoginPolicy {
public:
  LoginPolicy(Logins& logins, const Clock& clock, Alarms& alarms)
      : logins_(logins), clock_(clock), alarms_(alarms) {}

  // As Dovecot takes it, JSON.
  std::string allow(const LoginRequest& request);
  void report(const LoginRequest& request);

  // A login that can't be judged, or counted: `what` says which, without a name; `why` for the log.
  void note_unjudged(const std::string& what, std::string_view why);
  // What is wrong, on one line; nothing: all were judged lately.
  std::optional<std::string> unjudged();

private:
  // Nothing: it has no address, and so came from the host itself; or no name, and so is nobody's.
  std::optional<LoginAttempt> attempt_of(const LoginRequest& request) const;
  void tell_refusal(const LoginRefusal& refusal, const LoginAttempt& attempt,
                    const LoginRequest& request);

  struct Unjudged {
    Instant first, last;
    std::string what;
  };

  Logins& logins_;
  const Clock& clock_;
  Alarms& alarms_;
  Guarded<LoginMemory> memory_;
  Guarded<std::optional<Unjudged>> unjudged_;
};

}  // namespace pec::policyd

// SPDX-License-Identifier: GPL-2.0-or-later

// Answers Dovecot's questions about logins (pec/login_guard.hpp has the rule).
//
//     LoginPolicy logins(*ledger, clock, alarms);
//     logins.allow(request)     // {"status":0}, or {"status":-1,"msg":"..."}
//     logins.report(request);   // how it ended; waits for the ledger
//     logins.unjudged()         // for `pecctl status`
//
// If the ledger can't be asked, logins go on, with an alarm: holders must reach their mailboxes.
// Failed logins are not logged here, since Dovecot logs them. The first refusal is logged, later
// ones are only counted. Any thread, many at once.
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
  LoginPolicy(Logins& logins, const Clock& clock, service::Alarms& alarms)
      : logins_(logins), clock_(clock), alarms_(alarms) {}

  // JSON, as Dovecot expects it.
  std::string allow(const LoginRequest& request);
  void report(const LoginRequest& request);

  // Notes a login that can't be judged or counted. `what` says which of the two, without a name;
  // `why` is for the log.
  void note_unjudged(const std::string& what, std::string_view why);
  // The problem, on one line. Nothing if all recent logins were judged.
  std::optional<std::string> unjudged();

private:
  // Nothing if the request has no address (it came from this host) or no account (it is nobody's).
  std::optional<LoginAttempt> attempt_of(const LoginRequest& request) const;
  void tell_refusal(const LoginRefusal& refusal, const LoginAttempt& attempt,
                    const LoginRequest& request);

  struct Unjudged {
    Instant first, last;
    std::string what;
  };

  Logins& logins_;
  const Clock& clock_;
  service::Alarms& alarms_;
  Guarded<LoginMemory> memory_;
  Guarded<std::optional<Unjudged>> unjudged_;
};

}  // namespace pec::policyd

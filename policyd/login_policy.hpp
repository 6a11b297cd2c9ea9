// Dovecot's questions about logins, answered (pec/login_guard.hpp has the rule).
//
//     const LoginPolicy logins(*ledger, clock);
//     logins.allow(request)     // {"status":0}, or {"status":-1,"msg":"..."}
//     logins.report(request);   // how it ended
//
// While the ledger can't be asked, logins go on, and the log says so: a mailbox is to be reached. What fails
// is not logged by itself, since Dovecot does that. Any thread, many at once.
#pragma once

#include "base/clock.hpp"
#include "login_request.hpp"
#include "pec/ports.hpp"

#include <string>

namespace pec::policy {

class LoginPolicy {
public:
  LoginPolicy(Logins& logins, const Clock& clock) : logins_(logins), clock_(clock) {}

  // As Dovecot takes it, JSON.
  std::string allow(const LoginRequest& request) const;
  void report(const LoginRequest& request) const;

private:
  // Nothing: it has no address, and so came from the host itself.
  std::optional<LoginAttempt> attempt_of(const LoginRequest& request) const;

  Logins& logins_;
  const Clock& clock_;
};

}  // namespace pec::policy

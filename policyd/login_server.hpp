// SPDX-License-Identifier: GPL-2.0-or-later

// Listens on loopback for Dovecot's auth processes: HTTP, POST ?command=allow and ?command=report.
//
//     LoginServer server(logins, alarms, {.listen = "127.0.0.1:10590", .secret = digits});   // throws if it can't
//     server.run();                                                                          // until stop()
//
// Whoever does not bear the secret is answered 403, what is no question 400; neither reaches the ledger. A
// connection that is silent or slow is closed. If there are more than `most_connections`, one goes: of those that
// have not shown the secret, the one that has been idle the longest; then of the others. Dovecot takes no answer
// as "go on", and says so in its log.
//
// A report is answered at once, and counted in the ledger after that (`report_threads`), so that a slow disk does
// not keep Dovecot's next question waiting. What can't be counted is an alarm.
//
// run() uses `threads` threads, and returns when all have ended and all reports are counted.
#pragma once

#include "policyd/login_policy.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace pec::policyd {

// The field of a question's header that holds the secret.
inline constexpr auto login_secret_field = "X-PEC-Secret";

struct LoginServerOptions {
  std::string listen{};  // "127.0.0.1:PORT" (0: any that is free)
  std::string secret{};
  std::size_t threads = 2;             // as of Server
  std::size_t report_threads = 16;     // as many reports share one commit
  std::size_t most_reports = 10'000;   // waiting; what comes beyond is not counted, with an alarm
  std::size_t most_connections = 500;  // an auth process of Dovecot's has a hundred at most
  std::chrono::milliseconds idle_limit = std::chrono::seconds(30);  // Dovecot's own is ten
};

class LoginServer {
public:
  // Throws std::runtime_error, with the address and how to mend it.
  LoginServer(LoginPolicy& logins, Alarms& alarms, const LoginServerOptions& options);
  ~LoginServer();

  void run();
  void stop();  // from any thread

  std::uint16_t port() const;
  std::size_t connections() const;  // open now

private:
  class Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace pec::policyd

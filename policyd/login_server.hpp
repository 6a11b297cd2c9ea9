// SPDX-License-Identifier: GPL-2.0-or-later

// Listens on loopback for Dovecot's auth processes: HTTP, POST ?command=allow and ?command=report.
//
//     // throws if it can't
//     LoginServer server(logins, alarms, {.listen = "127.0.0.1:10590", .secret = digits});
//     server.run();  // until stop()
//
// A request without the secret gets 403, a malformed one 400; neither reaches the ledger. A silent
// or slow connection is closed. If there are more than `most_connections`, one is closed: the one
// that has been idle the longest, and those that have not shown the secret come first. If Dovecot
// gets no answer, it lets the login go on, and logs that.
//
// A report is answered at once and counted in the ledger afterwards (`report_threads`), so a slow
// disk does not delay Dovecot's next question. A report that can't be counted raises an alarm.
//
// run() uses `threads` threads. It returns when all have ended and all reports are counted.
#pragma once

#include "policyd/login_policy.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace pec::policyd {

// The header field that holds the secret.
inline constexpr auto login_secret_field = "X-PEC-Secret";

struct LoginServerOptions {
  std::string listen{};  // "127.0.0.1:PORT" (0: any that is free)
  std::string secret{};
  std::size_t threads = 2;             // see ServerOptions
  std::size_t report_threads = 16;     // as many reports share one commit
  std::size_t most_reports = 10'000;   // waiting; further ones are not counted, with an alarm
  std::size_t most_connections = 500;  // a Dovecot auth process has at most a hundred
  std::chrono::milliseconds idle_limit = std::chrono::seconds(30);  // Dovecot's own limit is ten
};

class LoginServer {
public:
  // Throws std::runtime_error, with the address and how to fix it.
  LoginServer(LoginPolicy& logins, service::Alarms& alarms, const LoginServerOptions& options);
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

// SPDX-License-Identifier: GPL-2.0-or-later

// Listens for Postfix's smtpd processes and answers the questions of each connection one after the
// other.
//
//     Server server(policy, {.listen = {"unix:/run/pec/policy.sock"}});   // throws if it can't
//     server.run();  // until stop(), or a signal
//
// Postfix keeps a connection for later questions, and reconnects if it was closed. So a connection
// that is idle for long is closed. If there are more than `most_connections`, the one that has been
// idle the longest is closed: neither a client that hangs nor thousands of them keep others out. If
// a text is not a request, it is logged and its connection closed; Postfix then answers 451.
//
// run() uses `threads` threads. It returns when all have ended.
#pragma once

#include "base/result.hpp"
#include "policyd/policy.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pec::policyd {

struct ServerOptions {
  std::vector<std::string> listen{};  // "unix:/PATH", "inet:127.0.0.1:PORT" (0: any that is free)
  std::size_t threads = 2;            // only one asks the ledger at a time, so more would not help
  std::size_t most_connections = 2000;  // fewer if the limit of open files (RLIMIT_NOFILE) is low
  // Other open files: the ledger's, the listeners, a connection being accepted, and the like.
  std::size_t other_files = 64;
  std::chrono::milliseconds idle_limit = std::chrono::minutes(10);  // Postfix's own limit is five
};

class Server {
public:
  // Throws std::runtime_error, with the address and how to fix it.
  Server(const Policy& policy, const ServerOptions& options);
  ~Server();

  void run();
  void stop();  // from any thread

  std::vector<std::uint16_t> ports() const;  // of the inet addresses, in their order
  std::size_t connections() const;           // open now

private:
  class Listeners;
  std::unique_ptr<Listeners> listeners_;
};

}  // namespace pec::policyd

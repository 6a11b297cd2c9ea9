// SPDX-License-Identifier: GPL-2.0-or-later

// Listens for Postfix's smtpd processes and has their questions answered, each connection's one after
// the other.
//
//     Server server(policy, {.listen = {"unix:/run/pec/policy.sock"}});   // throws if it can't
//     server.run();                                                      // until stop(), or a signal
//
// Postfix keeps a connection for later questions, and comes again if it was closed meanwhile. So what
// is idle for long may go, and if there are more than `most_connections`, the one that has been idle
// the longest goes: neither a client that hangs nor thousands of them keep others out. What is no
// request is logged, and its connection closed; Postfix then answers 451.
//
// run() uses `threads` threads, and returns when all have ended.
#pragma once

#include "policyd/policy.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pec::policyd {

struct ServerOptions {
  std::vector<std::string> listen{};  // "unix:/PATH", "inet:127.0.0.1:PORT" (0: any that is free)
  std::size_t threads =
      2;  // the ledger is asked by one at a time, so more only get in each other's way
  std::size_t most_connections = 2000;  // fewer if the limit of open files (RLIMIT_NOFILE) is low
  // The ledger's, the listeners, what is just being accepted; with what else the process has open.
  std::size_t other_files = 64;
  std::chrono::milliseconds idle_limit = std::chrono::minutes(10);  // Postfix's own is five
};

class Server {
public:
  // Throws std::runtime_error, with the address and how to mend it.
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

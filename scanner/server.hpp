// SPDX-License-Identifier: GPL-2.0-or-later

// The side of pec-scanner that scans: some threads, each of which takes a connection, has the message
// scanned and answers (antivirus/scanner_protocol.hpp).
//
//     const FileDescriptor listening = listen_on("/run/pec-scanner/scanner.sock");
//     Server server(listening.get(), engine, {}, beats);
//     server.run();                                   // until stop(), which a test calls
//
// The threads are a limit for scans at once: who comes when all are busy waits in the socket's queue.
// A client that says nothing has its connection closed after a moment.
//
// Each thread gives a sign of life, in `beats`, whenever it takes up something else: at least once in
// the `beat_every` of its socket, unless it scans. Who watches knows by that which scan does not come to
// its end.
#pragma once

#include "antivirus/packet.hpp"
#include "base/file.hpp"
#include "pec/ports.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace pec::scanner {

constexpr std::size_t most_threads = 64;

// Counts up; 0: not begun. Lies in memory that two processes share, so nothing here has a pointer.
struct Beats {
  std::array<std::atomic<std::uint32_t>, most_threads> threads{};
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

struct ServerOptions {
  std::size_t threads = 16;
  std::chrono::milliseconds client_patience = std::chrono::seconds(5);
};

// Open to user and group alone, from its first moment; what lay at this path is gone. Throws
// std::runtime_error, with the path and how to mend it.
FileDescriptor listen_on(const std::string& path,
                         std::chrono::milliseconds beat_every = std::chrono::seconds(1));

class Server {
public:
  // `listening`: of listen_on(); it outlives this.
  Server(int listening, const Scanner& scanner, ServerOptions options, Beats& beats);

  // Throws std::system_error if connections can't be taken any more.
  void run();
  void stop();  // from any thread

private:
  void serve(std::atomic<std::uint32_t>& beat);
  void talk_to(int client) const;
  std::string answer_to(const antivirus::Packet& packet) const;

  const int listening_;
  const Scanner& scanner_;
  const ServerOptions options_;
  Beats& beats_;
  std::atomic<bool> stop_ = false;
};

}  // namespace pec::scanner

// SPDX-License-Identifier: GPL-2.0-or-later

// The part of pec-scanner that scans. Some threads each take a connection, have the message
// scanned, and answer (antivirus/scanner_protocol.hpp).
//
//     const FileDescriptor listening = listen_on("/run/pec-scanner/scanner.sock");
//     Server server(listening.get(), engine, {}, beats);
//     server.run();                                   // until stop(), which a test calls
//
// The number of threads limits the scans at once. When all threads are busy, further clients wait
// in the socket's queue. If a client sends nothing, its connection is closed after a moment.
//
// Each thread counts up in `beats` whenever it takes up something else: at least every `beat_every`
// of its socket, unless it scans. So a supervisor sees which scan does not end.
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

// A counter for each thread; 0: not begun. Two processes share this memory, so it has no pointers.
struct Beats {
  std::array<std::atomic<std::uint32_t>, most_threads> threads{};
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

struct ServerOptions {
  std::size_t threads = 16;
  std::chrono::milliseconds client_patience = std::chrono::seconds(5);
};

// Makes the socket, which only user and group may ever open; an old one at this path is removed.
// Throws std::runtime_error, with the path and what to correct.
FileDescriptor listen_on(const std::string& path,
                         std::chrono::milliseconds beat_every = std::chrono::seconds(1));

class Server {
public:
  // `listening`: from listen_on(); must outlive this object.
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

// SPDX-License-Identifier: GPL-2.0-or-later

// Packets over a unix socket of kind SOCK_SEQPACKET: a short text, with descriptors. A packet comes
// whole or not at all, so there is nothing to join or split.
//
//     send_packet(socket, "scan 0+2345", {file.get()});
//     Result<Packet> came = receive_packet(socket, 1, deadline);
//
// Received packets are bounded. A text longer than `longest_packet`, or too many descriptors, is an
// error, and all descriptors that came are closed. Errors: unavailable (the other side is gone or
// silent) and bad_input, each a sentence for the log. Any thread, one at a time for each socket.
#pragma once

#include "base/file.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <sys/un.h>
#include <vector>

namespace pec::antivirus {

constexpr std::size_t longest_packet = 1024;

using Deadline = std::chrono::steady_clock::time_point;

struct Packet {
  std::string text;
  std::vector<FileDescriptor> files;
};

// Never waits: an empty socket has room for a packet of this size.
Result<void> send_packet(int socket, std::string_view text, std::span<const int> files = {});

// Error: unavailable if no packet has come by then, or none can come any more.
Result<Packet> receive_packet(int socket, std::size_t most_files, Deadline deadline);

// Error: bad_input, if the path is too long for a socket.
Result<sockaddr_un> socket_address(const std::string& path);

}  // namespace pec::antivirus

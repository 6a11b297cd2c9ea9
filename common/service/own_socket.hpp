// SPDX-License-Identifier: GPL-2.0-or-later

// Asks a daemon something at the socket on which it listens, to see whether it still answers.
//
//     const OwnSocket socket{.path = "/run/pec/milter.sock"};   // or {.host = ..., .port = ...}
//     Result<std::string> began = ask(socket, question, 5, {10s});  // five octets of the answer
//
// Each question takes one connection. Errors: unavailable, with the address and what went wrong;
// also if the octets are not there in time. Any thread; a call waits for the answer.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>

namespace pec::service {

struct OwnSocket {
  std::string path{};  // of a unix socket; empty: it is one of TCP
  std::string host{}, port{};
};

// How long to wait. A call returns at once when somebody stops it.
struct Patience {
  std::chrono::milliseconds time{};
  std::stop_token stop{};
};

Result<std::string> ask(const OwnSocket& socket, std::string_view question, std::size_t octets,
                        const Patience& patience);

}  // namespace pec::service

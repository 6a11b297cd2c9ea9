// SPDX-License-Identifier: GPL-2.0-or-later

// The addresses of this host, as the kernel has them.
//
//     PEC_TRY(const auto addresses, host_addresses());
//     for (const auto& each : addresses) if (!each.is_loopback) tell(each.text);
//
// Error: unavailable, the kernel does not say. Any thread.
#pragma once

#include "base/result.hpp"

#include <string>
#include <sys/socket.h>
#include <vector>

namespace pec::pecctl {

struct HostAddress {
  std::string text;  // "192.0.2.1", "2001:db8::1"
  bool is_loopback = false;
  bool is_up = false;  // its interface
};

// IPv4 and IPv6, but no link-local ones. In the kernel's order.
Result<std::vector<HostAddress>> host_addresses();

// Without brackets and zone. Empty: it is neither IPv4 nor IPv6.
std::string address_text(const sockaddr* address);

}  // namespace pec::pecctl

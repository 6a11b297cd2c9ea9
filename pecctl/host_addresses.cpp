// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/host_addresses.hpp"

#include "base/c_handle.hpp"
#include "base/file.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

namespace pec::pecctl {

namespace {

bool is_link_local(const sockaddr* address) {
  return address->sa_family == AF_INET6 &&
         IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
}

}  // namespace

std::string address_text(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* octets = nullptr;
  if (address->sa_family == AF_INET)
    octets = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  else if (address->sa_family == AF_INET6)
    octets = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  if (octets == nullptr ||
      inet_ntop(address->sa_family, octets, text.data(), text.size()) == nullptr)
    return {};
  return text.data();
}

Result<std::vector<HostAddress>> host_addresses() {
  ifaddrs* got = nullptr;
  if (getifaddrs(&got) != 0)
    return unavailable(fmt::format("can't list this host's addresses: {}", errno_text(errno)));
  const CHandle<ifaddrs, freeifaddrs> all(got);
  std::vector<HostAddress> addresses;
  for (const auto* each = all.get(); each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || is_link_local(each->ifa_addr)) continue;
    if (auto text = address_text(each->ifa_addr); !text.empty())
      addresses.push_back({std::move(text), (each->ifa_flags & IFF_LOOPBACK) != 0,
                           (each->ifa_flags & IFF_UP) != 0});
  }
  return addresses;
}

}  // namespace pec::pecctl

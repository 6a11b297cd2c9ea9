// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/selftest/public_services.hpp"

#include "base/c_handle.hpp"

#include <algorithm>
#include <array>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdexcept>

namespace pec::pecctl {

namespace {

using config::Config;

// Neither loopback nor link-local; those of an interface that is up.
bool is_public(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr || (entry.ifa_flags & IFF_LOOPBACK) != 0 ||
      (entry.ifa_flags & IFF_UP) == 0)
    return false;
  if (entry.ifa_addr->sa_family == AF_INET) return true;
  if (entry.ifa_addr->sa_family != AF_INET6) return false;
  const auto* six = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr);
  return !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

std::vector<std::string> addresses_of_the_host() {
  std::vector<std::string> all;
  ifaddrs* found = nullptr;
  if (getifaddrs(&found) != 0) return {"127.0.0.1"};
  const CHandle<ifaddrs, freeifaddrs> entries(found);
  for (const auto* entry = found; entry != nullptr; entry = entry->ifa_next) {
    if (!is_public(*entry)) continue;
    std::array<char, NI_MAXHOST> text{};
    const auto size =
        entry->ifa_addr->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (getnameinfo(entry->ifa_addr, static_cast<socklen_t>(size), text.data(), text.size(),
                    nullptr, 0, NI_NUMERICHOST) == 0)
      all.emplace_back(text.data());
  }
  if (all.empty()) all.emplace_back("127.0.0.1");
  return all;
}

}  // namespace

std::vector<TlsServer> public_services(const Config& config) {
  const auto& site = config.site;
  const auto addresses = site.addresses.empty() ? addresses_of_the_host() : site.addresses;
  std::vector<TlsServer> all;
  const auto add = [&](const std::string& name, const std::string& scheme,
                       const std::string& listener) {
    const auto colon = listener.rfind(':');
    const auto port = listener.substr(colon + 1);
    TlsServer server{name, scheme, site.host_name, "", port, site.tls_ca_file};
    if (colon == std::string::npos)
      for (const auto& address : addresses) {
        server.address = address;
        all.push_back(server);
      }
    else {
      server.address = listener.substr(0, colon);
      std::erase_if(server.address, [](char c) { return c == '[' || c == ']'; });
      all.push_back(server);
    }
  };
  add("smtps", "smtps", site.smtps);
  add("submission", "smtp", site.submission);
  add("mx", "smtp", site.mx);
  add("imaps", "imaps", std::to_string(site.imaps_port));
  add("pop3s", "pop3s", std::to_string(site.pop3s_port));
  return all;
}

TlsServer public_service(const Config& config, std::string_view name) {
  for (auto& server : public_services(config))
    if (server.name == name) return server;
  throw std::logic_error("no such public service");
}

}  // namespace pec::pecctl

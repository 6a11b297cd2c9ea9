// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/selftest/public_services.hpp"

#include "pecctl/host_addresses.hpp"

#include <algorithm>
#include <stdexcept>

namespace pec::pecctl {

namespace {

using config::Config;

// Those of an interface that is up.
std::vector<std::string> addresses_of_the_host() {
  std::vector<std::string> all;
  if (const auto found = host_addresses())
    for (const auto& each : *found)
      if (!each.is_loopback && each.is_up) all.push_back(each.text);
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

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/mx_lookup.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <array>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdexcept>

namespace pec::pecctl {

namespace {

sockaddr_in address_of(const std::string& server) {
  const auto colon = server.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (colon == std::string::npos ||
      inet_pton(AF_INET, server.substr(0, colon).c_str(), &address.sin_addr) != 1)
    throw std::runtime_error(fmt::format("\"{}\" is not a name server's ADDRESS:PORT", server));
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(server.substr(colon + 1))));
  return address;
}

// The host in an MX record: two octets of preference, then the name.
Result<std::string> host_in(const ns_msg& message, const ns_rr& record) {
  constexpr int preference_size = 2;
  std::array<char, NS_MAXDNAME> name{};
  if (record.rdlength <= preference_size ||
      dn_expand(message._msg, message._eom, record.rdata + preference_size, name.data(),
                static_cast<int>(name.size())) < 0)
    return unavailable("the DNS's answer can't be read");
  return text::lower(name.data());
}

Result<std::vector<std::string>> read_answer(const unsigned char* answer, int size) {
  ns_msg message{};
  if (ns_initparse(answer, size, &message) != 0)
    return unavailable("the DNS's answer can't be read");
  std::vector<std::string> hosts;
  for (int i = 0; i < message._counts[ns_s_an]; ++i) {
    ns_rr record{};
    if (ns_parserr(&message, ns_s_an, i, &record) != 0)
      return unavailable("the DNS's answer can't be read");
    if (record.type != ns_t_mx) continue;  // an alias on the way
    PEC_TRY(auto host, host_in(message, record));
    hosts.push_back(std::move(host));
  }
  std::sort(hosts.begin(), hosts.end());
  return hosts;
}

}  // namespace

MxLookup::MxLookup(const std::string& server) {
  if (res_ninit(&state_) != 0)
    throw std::runtime_error("the host's resolver can't be used; see /etc/resolv.conf");
  state_.retrans = 3;  // seconds
  state_.retry = 2;
  if (server.empty()) return;
  state_.nscount = 1;
  state_.nsaddr_list[0] = address_of(server);
}

Result<std::vector<std::string>> MxLookup::hosts_of(const std::string& domain) {
  std::vector<unsigned char> answer(NS_MAXMSG);
  const int size = res_nquery(&state_, domain.c_str(), ns_c_in, ns_t_mx, answer.data(),
                              static_cast<int>(answer.size()));
  if (size >= 0) return read_answer(answer.data(), size);
  if (state_.res_h_errno == HOST_NOT_FOUND || state_.res_h_errno == NO_DATA)
    return std::vector<std::string>();
  return unavailable("the DNS does not answer");
}

}  // namespace pec::pecctl

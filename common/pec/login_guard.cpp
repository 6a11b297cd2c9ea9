// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/login_guard.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace pec {

namespace {

constexpr std::size_t prefix = 8;  // octets of IPv6 that one site has
constexpr std::array<unsigned char, 12> ipv4_within{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string printed(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

struct Limit {
  LoginRefusal::Of of;
  std::uint64_t most;
  std::string_view what;
};

std::optional<LoginRefusal> over(const Limit& limit, std::uint64_t failed,
                                 std::uint64_t under_way) {
  if (failed + under_way < limit.most) return std::nullopt;
  auto why = fmt::format("{} wrong passwords {} in one hour", failed, limit.what);
  if (failed < limit.most) why += fmt::format(", and {} being tried", under_way);
  return LoginRefusal{limit.of, std::move(why)};
}

}  // namespace

std::optional<LoginRefusal> refuse_login(const LoginFacts& facts) {
  using enum LoginRefusal::Of;
  const auto& now = facts.under_way;
  if (facts.known)
    return over({account, most_failures_at_known, "from this network"}, facts.at_known,
                now.at_known);
  if (auto refusal = over({account, most_failures_of_account, "for this account"}, facts.of_account,
                          now.of_account))
    return refusal;
  return over({network, most_failures_of_network, "for any account from this network"},
              facts.of_network, now.of_network);
}

std::optional<std::string> network_of(const std::string& address) {
  std::array<unsigned char, sizeof(in6_addr)> octets{};
  if (inet_pton(AF_INET, address.c_str(), octets.data()) == 1)
    return printed(AF_INET, octets.data());
  if (inet_pton(AF_INET6, address.c_str(), octets.data()) != 1) return std::nullopt;
  if (std::equal(ipv4_within.begin(), ipv4_within.end(), octets.begin()))
    return printed(AF_INET, octets.data() + ipv4_within.size());
  std::fill(octets.begin() + prefix, octets.end(), static_cast<unsigned char>(0));
  return printed(AF_INET6, octets.data()) + "/64";
}

}  // namespace pec

#include "pec/login_guard.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>

namespace pec {

namespace {

constexpr std::size_t prefix = 8;  // octets of IPv6 that one site has
constexpr std::array<unsigned char, 12> ipv4_within{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string printed(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

}  // namespace

std::optional<std::string> refuse_login(const LoginFacts& facts) {
  if (facts.known) {
    if (facts.at_known < most_failures_at_known) return std::nullopt;
    return fmt::format("{} wrong passwords from this network in one hour", facts.at_known);
  }
  if (facts.of_account >= most_failures_of_account)
    return fmt::format("{} wrong passwords for this account in one hour", facts.of_account);
  if (facts.of_network >= most_failures_of_network)
    return fmt::format("{} wrong passwords for any account from this network in one hour",
                       facts.of_network);
  return std::nullopt;
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

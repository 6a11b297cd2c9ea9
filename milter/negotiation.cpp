// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/negotiation.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <string>

namespace pec::milter {

namespace {

using namespace std::string_literals;

// A packet is its length in four octets, a letter, and its data. "O": version 6, then all actions
// and all steps that Postfix offers. "Q" ends the session.
const std::string question =
    "\0\0\0\x0dO"
    "\0\0\0\x06"
    "\0\0\x01\xff"
    "\0\x1f\xff\xff"
    "\0\0\0\x01Q"s;
constexpr std::size_t octets_up_to_letter = 5;

// "unix:/PATH", "local:/PATH", "inet:PORT@HOST" or "inet6:PORT@HOST".
service::OwnSocket socket_at(std::string_view address) {
  const auto place = address.substr(address.find(':') + 1);
  if (!address.starts_with("inet")) return {.path = std::string(place)};
  const auto at = place.find('@');
  return {.host = std::string(place.substr(at + 1)), .port = std::string(place.substr(0, at))};
}

}  // namespace

Result<void> negotiate(std::string_view socket, const service::Patience& patience) {
  PEC_TRY(const auto began,
          service::ask(socket_at(socket), question, octets_up_to_letter, patience));
  if (began.back() == 'O') return {};
  return unavailable(
      fmt::format("{}: no negotiation, but \"{}\"", socket, text::printable(began.substr(4))));
}

}  // namespace pec::milter

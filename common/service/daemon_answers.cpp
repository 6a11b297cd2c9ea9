// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/daemon_answers.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <string>

namespace pec::service {

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
OwnSocket milter_at(std::string_view address) {
  const auto place = address.substr(address.find(':') + 1);
  if (!address.starts_with("inet")) return {.path = std::string(place)};
  const auto at = place.find('@');
  return {.host = std::string(place.substr(at + 1)), .port = std::string(place.substr(0, at))};
}

// "unix:/PATH" or "inet:HOST:PORT".
OwnSocket policy_server_at(std::string_view address) {
  const auto place = address.substr(address.find(':') + 1);
  if (place.starts_with('/')) return {.path = std::string(place)};
  const auto colon = place.rfind(':');
  return {.host = std::string(place.substr(0, colon)),
          .port = std::string(place.substr(colon + 1))};
}

}  // namespace

Result<void> ask_milter(std::string_view socket, const Patience& patience) {
  PEC_TRY(const auto began, ask(milter_at(socket), question, octets_up_to_letter, patience));
  if (began.back() == 'O') return {};
  return unavailable(
      fmt::format("{}: no negotiation, but \"{}\"", socket, text::printable(began.substr(4))));
}

Result<void> ask_policy_server(std::string_view address, const Patience& patience) {
  constexpr std::string_view question =
      "request=smtpd_access_policy\nprotocol_state=RCPT\npolicy_context=incoming\n"
      "recipient=self-watch@policyd.invalid\n\n";
  constexpr std::string_view expected = "action=";
  PEC_TRY(const auto began, ask(policy_server_at(address), question, expected.size(), patience));
  if (began == expected) return {};
  return unavailable(
      fmt::format("{}: no answer to a question, but \"{}\"", address, text::printable(began)));
}

}  // namespace pec::service

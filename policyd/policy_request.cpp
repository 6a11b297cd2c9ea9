// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/policy_request.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace pec::policyd {

namespace {

Result<std::uint64_t> number(std::string_view name, std::string_view value) {
  if (const auto read = text::number(value)) return *read;
  return bad_input(fmt::format("{} is not a number: \"{}\"", name, text::printable(value)));
}

Result<void> take(PolicyRequest& request, std::string_view name, std::string_view value) {
  if (name == "policy_context")
    request.context = value;
  else if (name == "protocol_state")
    request.state = value;
  else if (name == "sasl_username")
    request.login = value;
  else if (name == "sender")
    request.sender = value;
  else if (name == "recipient")
    request.recipient = value;
  else if (name == "instance")
    request.instance = value;
  else if (name == "recipient_count") {
    PEC_TRY(const auto count, number(name, value));
    request.recipient_count = count;
  }
  return {};
}

}  // namespace

Result<PolicyRequest> parse_request(std::string_view text) {
  if (text.size() > longest_request) return bad_input("longer than any request");
  if (!text.ends_with(end_of_request)) return bad_input("no empty line at the end");
  text.remove_suffix(end_of_request.size());
  PolicyRequest request;
  bool is_request = false;
  for (const auto line : text::split(text, '\n')) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
      return bad_input(
          fmt::format("a line without \"=\": \"{}\"", text::printable(line.substr(0, 80))));
    const auto name = line.substr(0, equals), value = line.substr(equals + 1);
    if (name == "request") is_request = value == "smtpd_access_policy";
    PEC_TRY_VOID(take(request, name, value));
  }
  if (!is_request) return bad_input("not request=smtpd_access_policy");
  return request;
}

}  // namespace pec::policyd

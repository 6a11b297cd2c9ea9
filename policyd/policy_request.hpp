// SPDX-License-Identifier: GPL-2.0-or-later

// A question of Postfix to a policy service (SMTPD_POLICY_README): lines "name=value" and an empty
// line.
//
//     auto request = parse_request("request=smtpd_access_policy\nprotocol_state=DATA\n...\n\n");
//     if (!request) ...        // not Postfix, or not a request: hang up
//
// Postfix sends some thirty attributes. Only those that the rules use are kept. A missing attribute
// is empty, as Postfix means it. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pec::policyd {

// Postfix never sends more: a line of SMTP is 2 kB, and the TLS subjects are not much longer.
inline constexpr std::size_t longest_request = 65'536;

inline constexpr std::string_view end_of_request = "\n\n";

struct PolicyRequest {
  std::string context{};  // policy_context: the restriction of main.cf or master.cf that asks
  std::string state{};    // protocol_state: "RCPT", "DATA", ...
  std::string login{};    // sasl_username
  std::string sender{};
  std::string recipient{};
  std::uint64_t recipient_count = 0;  // of the message, from DATA on
  std::string instance{};             // one for each message; for the log

  bool operator==(const PolicyRequest&) const = default;
};

// `text`: with its empty line at the end. Error: bad_input, what is wrong.
Result<PolicyRequest> parse_request(std::string_view text);

}  // namespace pec::policyd

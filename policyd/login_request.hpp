// SPDX-License-Identifier: GPL-2.0-or-later

// What Dovecot asks and tells of logins (its auth_policy): a JSON object, as dovecot-conf/pec-logins.conf.ext
// has it made.
//
//     auto request = parse_login_request(R"({"login":"anna@alfa.example","remote":"192.0.2.7"})");
//     if (!request) ...        // not Dovecot
//
// Attributes that nobody asks for are passed over; a password is never among them. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace pec::policyd {

// More than Dovecot ever sends.
inline constexpr std::size_t longest_login_request = 8192;

// Some bits of a keyed hash of account and password: enough to see that a password is the same again, too few
// to tell which it is. The key is Dovecot's alone.
using PasswordMark = std::string;

inline constexpr std::size_t longest_password_mark = 4;  // hexadecimal digits

struct LoginRequest {
  std::string account{};   // as the client wrote it; empty: it wrote none that can be one
  std::string address{};   // the client's; empty: it has none
  std::string protocol{};  // "imap", "smtp"; for the log
  PasswordMark mark{};     // empty: unknown
  bool success = false;    // of a report
  bool refused = false;    // of a report: by us, so no password was tried

  bool operator==(const LoginRequest&) const = default;
};

// Error: bad_input, what is wrong, on one line.
Result<LoginRequest> parse_login_request(std::string_view json);

}  // namespace pec::policyd

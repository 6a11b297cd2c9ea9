// SPDX-License-Identifier: GPL-2.0-or-later

// A question or report of Dovecot about a login (its auth_policy). It is a JSON object with the
// attributes that dovecot-conf/pec-logins.conf.ext names.
//
//     auto request = parse_login_request(R"({"login":"anna@alfa.example","remote":"192.0.2.7"})");
//     if (!request) ...        // not Dovecot
//
// It skips attributes that the code does not use; a password is never among them. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace pec::policyd {

// Dovecot never sends more.
inline constexpr std::size_t longest_login_request = 8192;

// Some bits of a keyed hash of account and password. They show that a password is the same again,
// and are too few to tell which one it is. Only Dovecot has the key.
using PasswordMark = std::string;

inline constexpr std::size_t longest_password_mark = 4;  // hexadecimal digits

struct LoginRequest {
  std::string account{};   // as the client wrote it; empty: none, or not a possible one
  std::string address{};   // the client's; empty: none
  std::string protocol{};  // "imap", "smtp"; for the log
  PasswordMark mark{};     // empty: unknown
  bool success = false;    // of a report
  bool refused = false;    // of a report: we refused, so no password was tried

  bool operator==(const LoginRequest&) const = default;
};

// Error: bad_input, what is wrong, on one line.
Result<LoginRequest> parse_login_request(std::string_view json);

}  // namespace pec::policyd

// SPDX-License-Identifier: GPL-2.0-or-later

// The role of pec-milter in a session. Each smtpd service of master.cf names its role
// (milter_macro_daemon_name).
//
//     const auto role = role_of("pec-access");   // Role::access
//
// Pure functions, any thread.
#pragma once

#include "base/result.hpp"

#include <string_view>

namespace pec::milter {

enum class Role {
  access,    // what users submit
  incoming,  // what other hosts send
  sieve,     // what Sieve scripts send
  receipts,  // copies for internal recipients
  bounces,   // notifications that our own mail server made
};

// Error: internal, with the names of all roles.
Result<Role> role_of(std::string_view daemon_name);

std::string_view daemon_name_of(Role role);  // "pec-access"
std::string_view name_of(Role role);         // "access": for the log

}  // namespace pec::milter

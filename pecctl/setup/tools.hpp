// SPDX-License-Identifier: GPL-2.0-or-later

// Runs programs of the host for set-up: Postfix's, Dovecot's, systemd's. And looks up its users.
//
//     PEC_TRY(const auto domains, output_of({"postconf", "-hx", "mydestination"}));
//
// A program is looked for in Debian's folders alone, whatever PATH says: set-up is root. One
// thread.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace pec::pecctl {

struct UserIds {
  uid_t user;
  gid_t group;
};

// Error: bad_input, there is no such user.
Result<UserIds> ids_of(const std::string& user);

// Its standard output; it must exit with 0. Error: unavailable, with what it said.
Result<std::string> output_of(std::vector<std::string> words, std::string_view input = {},
                              std::chrono::seconds limit = std::chrono::seconds(60));

// Its exit status alone decides. Error: unavailable, it could not be run to its end.
Result<bool> succeeds(std::vector<std::string> words);

}  // namespace pec::pecctl

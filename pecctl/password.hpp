// SPDX-License-Identifier: GPL-2.0-or-later

// Asks for the passwords of our accounts, and hashes them: Dovecot can check a hash, but nobody can
// read the password back.
//
//     auto password = read_password("New password of anna@pec.alfa.example");
//     auto hash = hash_password(*password);        // "{CRYPT}$y$j9T$..."
//
// The hash is yescrypt from the host's libcrypt. Debian's logins and Dovecot's CRYPT scheme use the
// same library. One thread.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace pec::pecctl {

// Asks twice on a terminal, without echo; else reads the first line of standard input. Error:
// bad_input if the two differ, or the password is shorter than eight octets or holds a control
// character.
Result<std::string> read_password(const std::string& prompt);

// A new salt each time. Error: internal.
Result<std::string> hash_password(const std::string& password);

}  // namespace pec::pecctl

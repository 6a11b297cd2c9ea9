// SPDX-License-Identifier: GPL-2.0-or-later

// Passwords for accounts of ours: asked for, and hashed so that Dovecot can check them and nobody
// can read them back.
//
//     auto password = read_password("New password of anna@pec.alfa.example");
//     auto hash = hash_password(*password);        // "{CRYPT}$y$j9T$..."
//
// The hash is yescrypt of the host's own libcrypt, which Debian's logins use and Dovecot's CRYPT
// scheme asks. One thread.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace pec::pecctl {

// From the terminal, twice and unseen; else the first line of standard input. Error: bad_input if
// the two differ, or it is shorter than eight octets, or holds a control character.
Result<std::string> read_password(const std::string& prompt);

// A new salt each time. Error: internal.
Result<std::string> hash_password(const std::string& password);

}  // namespace pec::pecctl

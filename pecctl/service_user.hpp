// SPDX-License-Identifier: GPL-2.0-or-later

// Root goes on as the service's user: what it makes as root, the service could not use.
//
//     PEC_TRY_VOID(become_service_user(config));
//
// For good, and for the whole process. For anybody else these do nothing. Errors: unavailable, one
// sentence for the administrator. While there is one thread.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <string>
#include <sys/stat.h>

namespace pec::pecctl {

// The owner of what is worked on, whoever that is.
Result<void> become_owner(const struct stat& status, const std::string& what);

// Who may read our secret (internal.secret_file) is the service's user. A database server lets that
// one in, too, by the name that the kernel tells it.
Result<void> become_service_user(const Config& config);

}  // namespace pec::pecctl

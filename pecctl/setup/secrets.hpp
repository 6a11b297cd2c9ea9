// SPDX-License-Identifier: GPL-2.0-or-later

// The secrets that set-up makes: 32 random octets as hex digits, which nobody but the
// owner can read. One that
// is there is never replaced, since mail that is on its way depends on it.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pec::pecctl {

struct Secret {
  std::filesystem::path file;
  std::string owner;
};

// Every secret that this configuration wants.
std::vector<Secret> secrets_of(const config::Config& config);

// Whole or not at all, with mode 0400; folders above it are made (0755). Errors: bad_input, there
// is no such user; unavailable.
Result<void> make_secret(const Secret& secret);

}  // namespace pec::pecctl

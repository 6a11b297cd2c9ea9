// SPDX-License-Identifier: GPL-2.0-or-later

// The secrets that set-up makes: 32 random octets as hex digits, for the service's user alone. One
// that is there is never replaced, since mail that is on its way depends on it.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pec::pecctl {

// Every secret that this configuration wants.
std::vector<std::filesystem::path> secret_files(const config::Config& config);

// Whole or not at all, with mode 0400; folders above it are made (0755). Error: bad_input, there is
// no such user; unavailable.
Result<void> make_secret(const std::filesystem::path& file, const std::string& user);

}  // namespace pec::pecctl

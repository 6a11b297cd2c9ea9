// SPDX-License-Identifier: GPL-2.0-or-later

// What an administrator needs when set-up is done: settings for mail programs, DNS records, and the
// next steps. Pure; any thread.
#pragma once

#include "config/config.hpp"

#include <string>
#include <vector>

namespace pec::pecctl {

std::vector<std::string> closing_words(const config::Config& config, bool is_trial);

}  // namespace pec::pecctl

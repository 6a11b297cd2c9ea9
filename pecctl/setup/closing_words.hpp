// SPDX-License-Identifier: GPL-2.0-or-later

// What an administrator needs when set-up is done: settings for mail programs, DNS records, and the
// next steps. Pure; any thread.
#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pec::pecctl {

// `trial_end`: of a trial, when the last receipt is signed.
std::vector<std::string> closing_words(const config::Config& config,
                                       const std::optional<Instant>& trial_end);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// Why a host can't be set up as pec.toml has it: what, where, and the remedy. Set-up says all of it
// before it changes anything.
//
//     for (const auto& reason : refusals(config, facts)) complain(reason);
//
// Pure; any thread. Certificates and the directory are looked at by the rows of `pecctl selftest`.
#pragma once

#include "config/config.hpp"
#include "pecctl/setup/facts.hpp"

#include <string>
#include <vector>

namespace pec::pecctl {

// A line for each reason; none: set-up may begin.
std::vector<std::string> refusals(const config::Config& config, const Facts& facts);

}  // namespace pec::pecctl

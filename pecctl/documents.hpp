// SPDX-License-Identifier: GPL-2.0-or-later

// What the build has pecctl print about itself: its manual pages, that of pec.toml, and the
// completion of its command line. All are made of the tables that pecctl works by.
//
//     pecctl --manual pecctl-mailbox      # pecctl-mailbox(8); likewise pecctl and pec.toml
//     pecctl --bash-completion            # a script for bash
//
// Both options are hidden. Pure; the thread that the App belongs to.
#pragma once

#include "base/result.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace pec::pecctl {

// Error: there isn't such a page.
Result<std::string> manual(const CLI::App& pecctl, std::string_view page);

std::string bash_completion(const CLI::App& pecctl);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// What the commands that do something many times over tell of it.
//
//     Report report = send_due_notices(...);
//     for (const auto& line : report.lines) fmt::print("{}\n", line);
//     return report.problems.empty() ? 0 : 1;
//
// Plain values; any thread.
#pragma once

#include "pec/stamp.hpp"

#include <string>
#include <vector>

namespace pec::pecctl {

struct Report {
  std::vector<std::string> lines;     // what was done
  std::vector<std::string> problems;  // what was not, and why; fit for standard error
};

// "2026-11-22 05:11:22 +0100": legal time, so that lines sort by it.
std::string time_text(const LegalTime& zone, Instant at);

}  // namespace pec::pecctl

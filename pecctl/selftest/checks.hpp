// SPDX-License-Identifier: GPL-2.0-or-later

// The one table of checks of a host for certified mail. `pecctl selftest` runs all of it; other
// commands may run rows of it.
//
//     for (const auto& check : checks()) {
//       const auto finding = run_check(check, {context, config});
//       if (finding.verdict == Verdict::bad) complain(finding.found, finding.remedy);
//     }
//
// Each check runs in a process of its own (own_process.hpp). So a check that becomes the service's
// user for good, as the one of the ledger does (context.hpp), leaves root to the others. A check
// that hangs or crashes is bad, and the others go on. Checks leave nothing behind: `ledger` removes
// what it writes, and `message` what comes of the message that it sends.
//
// To add one: a function in rows.hpp, and a row in checks.cpp. run_check() never fails. One thread.
#pragma once

#include "base/result.hpp"
#include "pecctl/context.hpp"
#include "pecctl/selftest/finding.hpp"

#include <chrono>
#include <span>
#include <string_view>

namespace pec::pecctl {

// What a check looks at.
struct Host {
  const Context& context;
  const config::Config& config;
};

struct Check {
  std::string_view name;
  std::string_view remedy;  // one sentence, for a finding that has none of its own
  std::chrono::seconds limit;
  bool needs_root;                       // it reads what only root can
  Result<Finding> (*look)(const Host&);  // an error is bad, and what was found
};

std::span<const Check> checks();

Finding run_check(const Check& check, const Host& host);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// Set-up as a list of steps: each knows how the host differs from what pec.toml says, and makes it
// so. The order is that of the list. A step that has nothing to do does nothing, so set-up can be
// run again at any time.
//
//     for (const auto& step : steps_of(work)) {
//       PEC_TRY(const auto lines, step.differences());      // "+ start pec-milter.service"
//       if (!lines.empty()) PEC_TRY_VOID(step.make());
//     }
//
// What only later steps make possible to see (an account, before there is a ledger) counts as a
// difference. Errors: one sentence for the administrator. One thread.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "pecctl/derived_files.hpp"
#include "pecctl/setup/facts.hpp"
#include "pecctl/setup/record.hpp"

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace pec::pecctl {

// What all steps work on.
struct Work {
  config::Config config;
  std::string config_file;
  Facts facts;
  std::vector<DerivedFile> derived;  // of this pec.toml
  SetupRecord record;
  std::set<std::string> changed{};                // the units whose files this set-up has changed
  std::set<std::filesystem::path> new_secrets{};  // that it has made
};

struct Step {
  std::string title;  // "Postfix's instance"
  std::function<Result<std::vector<std::string>>()> differences;
  std::function<Result<void>()> make;
};

// The steps refer to `work`.
std::vector<Step> steps_of(Work& work);

}  // namespace pec::pecctl

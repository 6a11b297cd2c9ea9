// SPDX-License-Identifier: GPL-2.0-or-later

// What a command answers, in one form for all, and how times and JSON stand in it.
//
//     Answer answer{{"comune.example: added"}};              // for people
//     Answer answer{{json_text(array)}};                     // for programs
//     if (!done) answer.problems.push_back(done.error().detail);
//
// Plain values and pure functions; any thread.
#pragma once

#include "pec/stamp.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace pec::pecctl {

struct Answer {
  std::vector<std::string> lines{};     // for standard output
  std::vector<std::string> problems{};  // what was not done, or is wrong; for standard error
  bool good = true;                     // false: the lines tell of something bad

  int exit_status() const { return good && problems.empty() ? 0 : 1; }
};

// "2026-11-22 05:11:22 +0100": legal time, so that lines sort by it.
std::string time_text(const LegalTime& zone, Instant at);

using Json = nlohmann::ordered_json;

// Two blanks a level. What is no UTF-8 is replaced: it can't be in the ledger
// (ledger/storable.hpp).
std::string json_text(const Json& value);

}  // namespace pec::pecctl

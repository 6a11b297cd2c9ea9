// SPDX-License-Identifier: GPL-2.0-or-later

// The answer of a command, in one form for all commands, and the form of times and JSON in it.
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
  std::vector<std::string> problems{};  // what failed or is wrong; for standard error
  bool good = true;                     // false: the lines report something bad

  int exit_status() const { return good && problems.empty() ? 0 : 1; }
};

// "2026-11-22 05:11:22 +0100": legal time, in a form that sorts.
std::string time_text(const LegalTime& zone, Instant at);

using Json = nlohmann::ordered_json;

// Two blanks a level. Bytes that are not UTF-8 are replaced; the ledger never holds such
// (ledger/storable.hpp).
std::string json_text(const Json& value);

}  // namespace pec::pecctl

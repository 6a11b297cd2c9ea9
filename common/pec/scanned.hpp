// SPDX-License-Identifier: GPL-2.0-or-later

// What follows from what the scanner says of a message (RFC 6109, 3.1.3, 3.2.3; the rules, section 2).
//
//     const auto scanned = judge_scan(scanner.scan(message), policy);   // error: the message waits
//     if (scanned->virus) ...
//     note_unscanned(decision, *scanned);
//
// Pure functions, any thread.
#pragma once

#include "base/result.hpp"
#include "pec/decision.hpp"
#include "pec/fallback.hpp"
#include "pec/ports.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pec {

// What becomes of a message that could not be scanned, by what kept the scanner from it.
struct UnscannedPolicy {
  Fallback no_engine{}, old_database{}, error{}, timeout{};
  bool operator==(const UnscannedPolicy&) const = default;
};

struct Scanned {
  std::optional<std::string> virus{};  // its name
  std::string passed{};  // why it was not scanned and goes on all the same; empty: it was
};

// How the reason begins where a message waits for a scan. The name of the alert, too.
inline constexpr std::string_view not_scanned = "not scanned for viruses";

// Error: unavailable; the message was not scanned and must wait. The source is the scanner where it is away, and
// the scan itself where anybody can send such a message.
Result<Scanned> judge_scan(const ScanResult& result, const UnscannedPolicy& policy);

// An operator learns of what passed unscanned.
void note_unscanned(Decision& decision, const Scanned& scanned);

}  // namespace pec

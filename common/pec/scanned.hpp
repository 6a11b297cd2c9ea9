// SPDX-License-Identifier: GPL-2.0-or-later

// The consequences of the scanner's answer (RFC 6109, 3.1.3, 3.2.3; the rules, section 2).
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

// What becomes of a message that could not be scanned: one field for each cause.
struct UnscannedPolicy {
  Fallback no_engine{}, old_database{}, error{}, timeout{};
  bool operator==(const UnscannedPolicy&) const = default;
};

struct Scanned {
  std::optional<std::string> virus{};  // its name
  std::string passed{};                // why it goes on without a scan; empty: it was scanned
};

// The beginning of the reason if a message waits for a scan. It is also the name of the alert.
inline constexpr std::string_view not_scanned = "not scanned for viruses";

// Error: unavailable; the message was not scanned and must wait. Its source is the scanner if that
// is away. It is the scan itself if anybody can send such a message.
Result<Scanned> judge_scan(const ScanResult& result, const UnscannedPolicy& policy);

// Tells an operator of a message that passed unscanned.
void note_unscanned(Decision& decision, const Scanned& scanned);

}  // namespace pec

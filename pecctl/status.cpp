// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/status.hpp"

#include "base/text.hpp"
#include "pecctl/report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace pec::pecctl {

namespace {

std::string line_of(const LegalTime& zone, const ComponentState& state) {
  return text::printable(fmt::format("{} {}: {} since {}: {}", state.node, state.component,
                                     state.good ? "good" : "BAD", time_text(zone, state.at),
                                     state.text));
}

}  // namespace

Result<StatusReport> status(const SqlLedger& ledger, const LegalTime& zone) {
  PEC_TRY(const auto states, ledger.states());
  if (states.empty()) return StatusReport{"nothing has reported yet: start pec-milter", false};
  std::vector<std::string> lines;
  for (const auto& state : states) lines.push_back(line_of(zone, state));
  PEC_TRY(const auto counts, ledger.counts());
  for (const auto& [node, name, count] : counts)
    lines.push_back(text::printable(fmt::format("{} count: {} {}", node, count, name)));
  return StatusReport{
      text::join(lines, "\n"),
      std::all_of(states.begin(), states.end(), [](const auto& state) { return state.good; })};
}

}  // namespace pec::pecctl

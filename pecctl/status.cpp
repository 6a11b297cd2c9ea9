// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl status`: the state of each node's parts, as they have reported it to the ledger.
//
//     mx1.pec.alfa.example antivirus: good since 2026-11-22 05:11:22 +0100: 120 signatures
//
// Reported text is shown without control characters. Times are legal time: when the state began,
// not when it was last reported.

#include "base/text.hpp"
#include "pecctl/commands.hpp"

#include <fmt/format.h>

namespace pec::pecctl {

namespace {

std::string line_of(const LegalTime& zone, const ComponentState& state) {
  return text::printable(fmt::format("{} {}: {} since {}: {}", state.node, state.component,
                                     state.good ? "good" : "BAD", time_text(zone, state.at),
                                     state.text));
}

Result<Answer> status(const Context& context) {
  PEC_TRY(const auto site, context.open_site());
  const auto zone = site.zone();
  PEC_TRY(const auto states, site.ledger->states());
  if (states.empty()) return Answer{{"nothing has reported yet: start pec-milter"}, {}, false};
  Answer answer;
  for (const auto& state : states) {
    answer.lines.push_back(line_of(zone, state));
    answer.good = answer.good && state.good;
  }
  PEC_TRY(const auto counts, site.ledger->counts());
  for (const auto& [node, name, count] : counts)
    answer.lines.push_back(text::printable(fmt::format("{} count: {} {}", node, count, name)));
  return answer;
}

}  // namespace

void add_status(CLI::App& app, Command& chosen) {
  add_command(app, chosen, "status", "How the parts of each node do, and since when", status)
      .footer(
          "Exit status: 0 if all is good; 1 if something is bad, nothing has reported yet, or "
          "the ledger can't be read.");
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/incidents.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/internal_recipient.hpp"
#include "pec/lost_receipt.hpp"
#include "pecctl/report.hpp"

#include <fmt/format.h>

namespace pec::pecctl {

namespace {

std::string_view can_be_mended(const Incident& incident) {
  if (is_lost_receipt(incident)) return incident.copy.empty() ? "can't be resent" : "can be resent";
  return can_be_reissued(incident) ? "can be reissued" : "can't be reissued";
}

std::string line_of(const Incident& incident, const LegalTime& zone) {
  auto line = fmt::format("{}  {}  {}  {}", time_text(zone, incident.at), name_of(incident),
                          can_be_mended(incident), incident.detail);
  if (incident.resolved) line += "  closed " + time_text(zone, *incident.resolved);
  return text::printable(line);
}

}  // namespace

std::string name_of(const Incident& incident) {
  return text::printable(
      fmt::format("{}  {}  {}", incident.what, incident.pec_id, incident.recipient));
}

bool can_be_reissued(const Incident& incident) {
  return missing_receipt(incident.what) && !incident.copy.empty();
}

bool is_lost_receipt(const Incident& incident) {
  return incident.what.starts_with(lost_prefix);
}

Result<std::vector<Incident>> open_incidents(const SqlLedger& ledger, const std::string& pec_id,
                                             const std::string& recipient) {
  const std::string wanted(text::without_brackets(pec_id));
  auto incidents = ledger.incidents_of(wanted);
  if (!incidents) return incidents;
  std::erase_if(*incidents, [&](const Incident& incident) {
    return !(recipient.empty() || mime::same_address(incident.recipient, recipient));
  });
  if (incidents->empty())
    return bad_input(fmt::format("no open incident of message {}{}; see pecctl incidents --all",
                                 text::printable(wanted),
                                 recipient.empty() ? "" : " and " + text::printable(recipient)));
  return incidents;
}

Result<std::string> list_incidents(const SqlLedger& ledger, const LegalTime& zone, bool all) {
  PEC_TRY(const auto incidents, ledger.incidents(all));
  std::vector<std::string> lines;
  for (const auto& incident : incidents) lines.push_back(line_of(incident, zone));
  return text::join(lines, "\n");
}

Result<std::string> resolve_incidents(SqlLedger& ledger, const Clock& clock,
                                      const std::string& pec_id, const std::string& recipient) {
  PEC_TRY(const auto incidents, open_incidents(ledger, pec_id, recipient));
  std::vector<std::string> lines;
  for (const auto& incident : incidents) {
    PEC_TRY_VOID(ledger.resolve_incident(incident, clock.now()));
    lines.push_back("closed " + name_of(incident));
  }
  return text::join(lines, "\n");
}

}  // namespace pec::pecctl

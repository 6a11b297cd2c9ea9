// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/resend.hpp"

#include "base/text.hpp"
#include "pec/copy_binding.hpp"
#include "pecctl/incidents.hpp"

#include <fmt/format.h>
#include <utility>
#include <vector>

namespace pec::pecctl {

namespace {

Result<void> submit(const Incident& incident, Submitter& receipts,
                    const Authenticator& host_group) {
  const auto message = mime::split_message(mime::Bytes::of(incident.copy));
  PEC_TRY(const auto internal,
          format_internal({InternalEvent::sent_again, incident.recipient, incident.event_at},
                          binding_of(InternalEvent::sent_again, message), host_group));
  return receipts.submit({internal}, incident.copy);
}

std::string what_to_do(const Incident& incident) {
  return fmt::format(
      "{}: the receipt did not come back whole, so it was not kept (bounce_size_limit of Postfix); "
      "tell "
      "those concerned, then close it: pecctl incidents resolve {} {}",
      name_of(incident), text::printable(incident.pec_id), text::printable(incident.recipient));
}

}  // namespace

Report resend_receipts(SqlLedger& ledger, Submitter& receipts, const Authenticator& host_group,
                       const Clock& clock, const std::string& pec_id,
                       const std::string& recipient) {
  auto incidents = open_incidents(ledger, pec_id, recipient);
  if (!incidents) return {{}, {incidents.error().detail}};
  std::erase_if(*incidents, [](const Incident& each) { return !is_lost_receipt(each); });
  Report report;
  if (incidents->empty())
    report.problems.push_back(
        "no receipt of this message waits to be sent again; see pecctl incidents");
  for (const auto& incident : *incidents) {
    if (incident.copy.empty()) {
      report.problems.push_back(what_to_do(incident));
      continue;
    }
    // As of before: it may come back at once, and must not be closed then.
    const auto now = clock.now();
    auto done = submit(incident, receipts, host_group);
    if (done) done = ledger.resolve_incident(incident, now);
    if (done)
      report.lines.push_back("sent again " + name_of(incident));
    else
      report.problems.push_back(fmt::format("{}: {}", name_of(incident), done.error().detail));
  }
  return report;
}

}  // namespace pec::pecctl

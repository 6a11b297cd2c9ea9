// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/reissue.hpp"

#include "base/text.hpp"
#include "pec/copy_binding.hpp"
#include "pecctl/incidents.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace pec::pecctl {

namespace {

using Group = std::vector<Incident>;  // one receipt

// A take-charge lists all recipients of a transaction (RFC 6109, 3.2.1); the rest are for one each.
bool are_one_receipt(const Incident& a, const Incident& b) {
  return a.what == wire_name(InternalEvent::take_charge) && a.what == b.what &&
         a.event_at == b.event_at && a.copy == b.copy;
}

void add(std::vector<Group>& groups, Incident incident) {
  const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& each) {
    return are_one_receipt(each.front(), incident);
  });
  if (group != groups.end())
    group->push_back(std::move(incident));
  else
    groups.push_back({std::move(incident)});
}

std::string what_to_do(const Incident& incident) {
  const auto then =
      fmt::format("then close it: pecctl incidents resolve {} {}", text::printable(incident.pec_id),
                  text::printable(incident.recipient));
  if (is_lost_receipt(incident))
    return fmt::format(
        "{}: it was made, but could not be handed over; send it again: pecctl receipts "
        "resend {} {}",
        name_of(incident), text::printable(incident.pec_id), text::printable(incident.recipient));
  if (!missing_receipt(incident.what))
    return fmt::format("{}: it is no missing receipt ({}); look into it, {}", name_of(incident),
                       text::printable(incident.detail), then);
  return fmt::format("{}: no copy was kept to make the receipt of; tell those concerned, {}",
                     name_of(incident), then);
}

Result<void> submit(const Group& group, Submitter& receipts, const Authenticator& host_group,
                    const Authenticator& delivery_point) {
  const auto& copy = group.front().copy;
  const auto [event, tag] = *missing_receipt(group.front().what);
  const auto bound_to = binding_of(event, mime::split_message(mime::Bytes::of(copy)));
  std::vector<std::string> recipients;
  for (const auto& incident : group) {
    PEC_TRY(auto internal,
            format_internal({event, incident.recipient, incident.event_at, tag}, bound_to,
                            event == InternalEvent::delivery ? delivery_point : host_group));
    recipients.push_back(std::move(internal));
  }
  return receipts.submit(recipients, copy);
}

}  // namespace

Report reissue_receipts(SqlLedger& ledger, Submitter& receipts, const Authenticator& host_group,
                        const Authenticator& delivery_point, const Clock& clock,
                        const std::string& pec_id, const std::string& recipient) {
  auto incidents = open_incidents(ledger, pec_id, recipient);
  if (!incidents) return {{}, {incidents.error().detail}};
  Report report;
  std::vector<Group> groups;
  for (auto& incident : *incidents) {
    if (can_be_reissued(incident))
      add(groups, std::move(incident));
    else
      report.problems.push_back(what_to_do(incident));
  }
  for (const auto& group : groups) {
    const auto now = clock.now();  // before: what comes back at once must not be closed
    const auto taken = submit(group, receipts, host_group, delivery_point);
    for (const auto& incident : group) {
      auto done = taken;
      if (done) done = ledger.resolve_incident(incident, now);
      if (done)
        report.lines.push_back("reissued " + name_of(incident));
      else
        report.problems.push_back(fmt::format("{}: {}", name_of(incident), done.error().detail));
    }
  }
  return report;
}

}  // namespace pec::pecctl

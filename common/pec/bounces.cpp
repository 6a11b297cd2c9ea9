// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/bounces.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/copy_binding.hpp"
#include "pec/lost_receipt.hpp"
#include "pec/pec_message.hpp"
#include "pec/texts.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

namespace {

// master.cf puts this field on top of all mail that Sieve sends. A redirected copy of an envelope
// belongs to no dispatch, though the envelope may well name its recipient.
constexpr std::string_view passed_on_field = "X-PEC-Passed-On";

Incident incident_of(const FailedRecipient& failed,
                     const std::optional<InternalRecipient>& internal, const DeliveryStatus& status,
                     const std::string& pec_id, Instant at) {
  Incident incident;
  incident.pec_id = pec_id;
  incident.at = at;
  incident.detail = fmt::format("{} {}", failed.status, failed.diagnostic);
  if (internal) {
    incident.what = incident_name(*internal);
    incident.recipient = internal->recipient;
    incident.event_at = internal->at;
    if (status.message) incident.copy = status.message->view;
  } else {
    incident.what = "not genuine";
    incident.recipient = failed.recipient;
    incident.event_at = at;
  }
  return incident;
}

bool is_owed(const Bounce& bounce, const std::string& recipient) {
  return std::any_of(bounce.owed.begin(), bounce.owed.end(), [&](const FailedRecipient& each) {
    return mime::same_address(each.recipient, recipient);
  });
}

}  // namespace

Bounce sort_bounce(const DeliveryStatus& status, const FailedInternals& internals,
                   const BounceFacts& facts) {
  Bounce bounce;
  bounce.pec_id = bare_message_id(status.returned);
  const bool envelope = claimed_kind(status.returned) == EventKind::transport_envelope &&
                        !status.returned.find(passed_on_field);
  for (const auto& failed : status.failed) {
    const auto internal = internals.find(internal_address_of(failed));
    // Anybody may write an address into an answer. Only the delivery point can write a genuine one.
    if (internal != internals.end() && (internal->second || looks_internal(failed.recipient)))
      bounce.incidents.incidents.push_back(
          incident_of(failed, internal->second, status, bounce.pec_id, facts.now));
    else if (envelope && !is_owed(bounce, failed.recipient))
      bounce.owed.push_back(failed);
  }
  if (bounce.owed.empty() && bounce.incidents.empty())
    bounce.lost = lost_receipt(status, facts.now);
  return bounce;
}

Decision decide_bounce(const Bounce& bounce, const std::string& notification_id,
                       const BounceFacts& facts) {
  Decision decision;
  decision.pec_id = bounce.pec_id;
  decision.entries = bounce.incidents;
  decision.reason = "ordinary notification";
  if (!bounce.owed.empty()) {
    decision.reason = fmt::format("notices for {} recipients", bounce.owed.size());
    decision.route = Route{facts.identity.address, {}};
    decision.bound_to = binding_of_bounce(notification_id, bounce.pec_id);
    for (const auto& failed : bounce.owed)
      decision.follow_ups.push_back({InternalEvent::non_delivery, failed.recipient, facts.bounced});
  } else if (!bounce.incidents.incidents.empty()) {
    // It names internal recipients, which only operators may see.
    decision.route = Route{facts.identity.address, {operators_of(facts.identity)}};
  } else if (bounce.lost) {
    decision.pec_id = bounce.lost->pec_id;
    decision.reason = fmt::format("{}, could not be handed over: see `pecctl receipts resend`",
                                  bounce.lost->what);
    decision.entries.incidents.push_back(*bounce.lost);
    decision.alerts.emplace_back("receipt that could not be handed over");
  }
  if (!bounce.incidents.incidents.empty()) {
    decision.reason += fmt::format("; {} internal recipients failed, see `pecctl incidents`",
                                   bounce.incidents.incidents.size());
    decision.alerts.emplace_back("internal recipient that failed");
  }
  return decision;
}

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// The bounces role: what follows from a delivery status notification of our own mail server (RFC
// 6109, 3.3.3; rules, 6). A failed transport envelope is ours on its way out, or another provider's
// for a mailbox of ours. Its sender gets a signed non-delivery notice for each failed recipient. No
// other failure ever becomes a notice:
//
//   failed                              what becomes of the notification
//   a recipient of an envelope          the notice, in the same queue file
//   several recipients of an envelope   an internal recipient for each; each copy becomes a notice
//   an internal recipient               an incident, for operators; no user learns of it
//   a receipt that still waits          likewise: the message was delivered (delivery_status.hpp)
//   a receipt or notice                 an incident that keeps it, to be sent again; the
//                                       notification goes where it was going: for receipts
//                                       of ours, from posta-certificata@, to the operators
//   an anomaly envelope, anything else  it goes where it was going
//
//     Bounce bounce = sort_bounce(*status, internals, facts);
//     if (bounce.owed.size() == 1) ...   // plan_notice() (receipts.hpp), claim, make_receipt()
//     else Decision decision = decide_bounce(bounce, *notification_id, facts);
//
// Only the failed message's Message-ID is taken from the notification. All that a notice certifies
// comes from the message log. So it doesn't matter how much of the message came back.
//
// Pure functions, any thread. Errors: none.
#pragma once

#include "pec/decision.hpp"
#include "pec/delivery_status.hpp"
#include "pec/findings.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pec {

struct BounceFacts {
  Instant bounced;  // the notification's own date: the certified time of the notices
  Instant now;      // of the incidents
  Identity identity;
};

// The internal recipients that failed, by internal_address_of(); nothing: it is not genuine.
using FailedInternals = std::map<std::string, std::optional<InternalRecipient>>;

struct Bounce {
  std::string pec_id;                 // Message-ID of the failed message, without brackets
  std::vector<FailedRecipient> owed;  // recipients of an envelope: each is owed a notice
  LedgerEntries incidents;
  std::optional<Incident> lost;  // a receipt that could not be handed over (lost_receipt.hpp)
};
Bounce sort_bounce(const DeliveryStatus& status, const FailedInternals& internals,
                   const BounceFacts& facts);

// For notifications that owe no notice, or several. `notification_id`: the notification's own
// Message-ID, without brackets.
Decision decide_bounce(const Bounce& bounce, const std::string& notification_id,
                       const BounceFacts& facts);

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// The bounces role: what follows from a delivery status notification that our own mail server made
// (RFC 6109, 3.3.3; rules, 6). A failed transport envelope, ours on its way out or another
// provider's for a mailbox of ours, is told to its sender by a signed non-delivery notice, one for
// each failed recipient. Nothing else ever becomes a notice:
//
//   failed                              what becomes of the notification
//   a recipient of an envelope          the notice, in the same queue file
//   several recipients of an envelope   an internal recipient for each; each copy becomes a notice
//   an internal recipient               an incident, for operators; no user learns of it
//   a receipt that waits (see below)    likewise: the message was delivered
//   a receipt or notice                 an incident that keeps it, to be sent again; the notification
//                                       goes where it was going: those of ours come from
//                                       posta-certificata@, whose bounces the operators get
//   an anomaly envelope, anything else  it goes where it was going
//
//     Bounce bounce = sort_bounce(*status, internals, facts);
//     if (bounce.owed.size() == 1) ...   // plan_notice() (receipts.hpp), claim, make_receipt()
//     else Decision decision = decide_bounce(bounce, *notification_id, facts);
//
// What the notification says of the message is its Message-ID and no more: all that a notice
// certifies comes from the message log. So it doesn't matter how much of the message came back.
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

// The internal recipients that failed, by internal_address_of(); nothing for one that is not genuine.
using FailedInternals = std::map<std::string, std::optional<InternalRecipient>>;

struct Bounce {
  std::string pec_id;                 // Message-ID of what failed, without brackets
  std::vector<FailedRecipient> owed;  // recipients of an envelope: each is owed a notice
  LedgerEntries incidents;
  std::optional<Incident> lost;  // a receipt that could not be handed over (lost_receipt.hpp)
};
Bounce sort_bounce(const DeliveryStatus& status, const FailedInternals& internals,
                   const BounceFacts& facts);

// For none or several that are owed a notice. `notification_id`: the notification's own Message-ID,
// without brackets.
Decision decide_bounce(const Bounce& bounce, const std::string& notification_id,
                       const BounceFacts& facts);

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// A receipt or notice that our mail server could not hand over: the other provider was away for longer
// than the queue keeps mail, or the sender's mailbox was full (rules, 6). Nobody else has it any more, so
// it becomes an incident that keeps it, and `pecctl receipts resend` sends it again.
//
//     if (const auto lost = lost_receipt(*status, now)) entries.incidents.push_back(*lost);
//
// Pure, any thread.
#pragma once

#include "pec/delivery_status.hpp"
#include "pec/ledger_entry.hpp"

#include <optional>
#include <string_view>

namespace pec {

// The incident's word is this and the log's name of the receipt: "lost avvenuta-consegna".
inline constexpr std::string_view lost_prefix = "lost ";

// Nothing: what failed says of itself that it is no receipt or notice. `now`: when it is noticed.
//   recipient  whom the receipt is about; of several, the first; of none, the sender. Two receipts of one
//              kind about one message are never about the same.
//   event_at   the receipt's certified time
//   copy       the receipt as it was in the queue. Empty if it did not come back whole: then it is named
//              by its own Message-ID, for the PEC msgid is in the part that is missing.
std::optional<Incident> lost_receipt(const DeliveryStatus& status, Instant now);

}  // namespace pec

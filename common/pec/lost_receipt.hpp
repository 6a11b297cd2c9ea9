// SPDX-License-Identifier: GPL-2.0-or-later

// A receipt or notice that our mail server could not hand over. The other provider was away for
// longer than the queue keeps mail, or the sender's mailbox was full (rules, 6). Nobody else has it
// any more. So it becomes an incident that keeps it, and `pecctl receipts resend` sends it again.
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

// The incident's word is this prefix and the log's name of the receipt: "lost avvenuta-consegna".
inline constexpr std::string_view lost_prefix = "lost ";

// Nothing: the header of the failed message does not claim to be a receipt or notice. `now`: when
// the failure was noticed. The incident's fields:
//   recipient  the first recipient that the receipt is about, or the sender if there is none. No
//              two receipts of one kind about one message are about the same recipient.
//   event_at   the receipt's certified time
//   copy       the receipt as it was in the queue. Empty if it did not come back whole. Then the
//              receipt's own Message-ID stands for the PEC msgid, which is in the missing part.
std::optional<Incident> lost_receipt(const DeliveryStatus& status, Instant now);

}  // namespace pec

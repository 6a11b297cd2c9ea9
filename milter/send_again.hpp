// SPDX-License-Identifier: GPL-2.0-or-later

// A receipt or notice that could not be handed over goes out once more, as it was: `pecctl receipts
// resend` brings it, for an internal recipient `rinvio` (pec/lost_receipt.hpp).
//
//     Decision decision = send_again(transaction, internal, services);
//
// The mac of the internal recipient is the host group's: nobody else has anything sent. What goes out is
// what was signed, so it bears the same Message-ID and the same certified time, and whoever has it already
// knows it for the same. Where it goes, its certification data and the directory of today say.
//
// Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"
#include "pec/internal_recipient.hpp"

namespace pec::milter {

// Refused for good: what is no receipt, or one that nobody has to get.
Decision send_again(const Transaction& transaction, const InternalRecipient& internal,
                    const Services& services);

}  // namespace pec::milter

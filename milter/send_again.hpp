// SPDX-License-Identifier: GPL-2.0-or-later

// Sends a lost receipt or notice once more, unchanged. `pecctl receipts resend` brings it, for an
// internal recipient `rinvio` (pec/lost_receipt.hpp).
//
//     Decision decision = send_again(transaction, internal, services);
//
// The internal recipient's mac is the host group's, so nobody else can have anything sent. The
// signed message goes out with the same Message-ID and certified time, so a recipient who has it
// already recognizes it. Its certification data and today's directory say where it goes.
//
// Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"
#include "pec/internal_recipient.hpp"

namespace pec::milter {

// Permanently refuses a message that is not a receipt, and a receipt that has no recipient.
Decision send_again(const Transaction& transaction, const InternalRecipient& internal,
                    const Services& services);

}  // namespace pec::milter

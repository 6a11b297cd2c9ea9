// SPDX-License-Identifier: GPL-2.0-or-later

// Mail that Sieve sends for the holder of a mailbox (vacation, reject, redirect), and its door
// (pec-sieve in master.cf). Nobody certifies this mail, so it leaves unchanged. Other hosts treat
// it as ordinary mail, or as what it was when it came to the mailbox. For a mailbox of ours, it
// comes in like mail from outside.
//
//     if (auto decision = pass_on(transaction, services)) return *decision;
//     return incoming(transaction, services, queue_file);
//
// Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/reply.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"

#include <optional>
#include <string>

namespace pec::milter {

// At RCPT. Allows one recipient at a time, since mail for us and for others takes different ways.
// Refuses a provider's own addresses. Vacation answers every message with its holder in To,
// receipts too. Its answers have no reverse path, like bounces of receipts (RFC 6109, 2.2.5).
std::optional<Refusal> admit_from_sieve(const Transaction& transaction,
                                        const std::string& recipient, const Services& services);

// Nothing if the message is for a mailbox of ours.
std::optional<Decision> pass_on(const Transaction& transaction, const Services& services);

}  // namespace pec::milter

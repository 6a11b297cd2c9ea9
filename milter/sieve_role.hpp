// SPDX-License-Identifier: GPL-2.0-or-later

// What Sieve itself sends for the holder of a mailbox (vacation, reject, redirect), and its door
// (pec-sieve in master.cf). It is nobody's certified mail, so it leaves as it is, and all other hosts take
// it for ordinary mail, or for what it was when it came to the mailbox. For a mailbox of ours it comes in
// like mail from outside.
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

// At RCPT. One recipient at a time, since mail for us and for others has different ways. None is a
// provider's own address: vacation answers whatever has its holder in To, receipts too, and its answers
// have no reverse path, as bounces of receipts have (RFC 6109, 2.2.5).
std::optional<Refusal> admit_from_sieve(const Transaction& transaction,
                                        const std::string& recipient, const Services& services);

// Nothing if it is for a mailbox of ours.
std::optional<Decision> pass_on(const Transaction& transaction, const Services& services);

}  // namespace pec::milter

// SPDX-License-Identifier: GPL-2.0-or-later

// The roles' part against viruses: they have a message scanned in its turn, and keep infected
// messages.
//
//     const auto scanned = scan(transaction, party, services, queue_file);   // error: it must wait
//     if (scanned->virus) keep_virus(...);
//     note_unscanned(decision, *scanned);
//
// Errors: unavailable. Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/classification.hpp"
#include "pec/decision.hpp"
#include "pec/scan_shares.hpp"
#include "pec/scanned.hpp"

#include <string>
#include <string_view>

namespace pec::milter {

// The party on whose turn an incoming message is scanned. `found`: the message's class.
ScanParty party_of_incoming(const Transaction& transaction, const Classification& found);

// Error: the message was not scanned, or did not get its turn. It must wait.
Result<Scanned> scan(const Transaction& transaction, const ScanParty& party,
                     const Services& services, QueueFile& queue_file);

// Keeps an infected message as it came, once, under `kept_as`. Call it before the reply.
Result<void> keep_virus(const Transaction& transaction, const Services& services, Instant now,
                        std::string_view role, std::string kept_as, const std::string& virus,
                        std::string pec_id);

}  // namespace pec::milter

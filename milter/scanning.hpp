// SPDX-License-Identifier: GPL-2.0-or-later

// What the roles do about viruses: have a message scanned when it is its turn, and keep what is infected.
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

// Whose turn it takes to scan what comes in. `found`: what it is.
ScanParty party_of_incoming(const Transaction& transaction, const Classification& found);

// Error: the message was not scanned, or has not had its turn, and must wait.
Result<Scanned> scan(const Transaction& transaction, const ScanParty& party,
                     const Services& services, QueueFile& queue_file);

// Before anything is answered: what was infected is kept as it came, once, under what it is.
Result<void> keep_virus(const Transaction& transaction, const Services& services, Instant now,
                        std::string_view role, std::string kept_as, const std::string& virus,
                        std::string pec_id);

}  // namespace pec::milter

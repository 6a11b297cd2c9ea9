// What the roles do about viruses: have a message scanned when it is its turn, and keep what is infected.
//
//     const auto scanned = scan(transaction, party, services, queue_file);   // error: it must wait
//     if (scanned->virus) keep_virus(...);
//     return noting(*scanned, std::move(decision));
//
// Errors: unavailable. Any thread.
#pragma once

#include "mta.hpp"
#include "pec/decision.hpp"
#include "pec/incoming_point.hpp"
#include "pec/scan_shares.hpp"
#include "services.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pec::milter {

// How the reason begins where a message waits for a scan.
inline constexpr std::string_view not_scanned = "not scanned for viruses";

struct Scan {
  std::optional<std::string> virus;  // its name
  std::string passed;  // why it was not scanned and goes on all the same; empty: it was
};

// Whose turn it takes to scan what comes in. `found`: what it is.
ScanParty party_of_incoming(const Transaction& transaction, const Classification& found);

// Error: the message was not scanned, or has not had its turn, and must wait.
Result<Scan> scan(const Transaction& transaction, const ScanParty& party, const Services& services,
                  QueueFile& queue_file);

// What passed unscanned is told to the operator.
Decision noting(const Scan& scan, Decision decision);

// Before anything is answered: what was infected is kept as it came, once, under what it is.
Result<void> keep_virus(const Transaction& transaction, const Services& services, Instant now,
                        std::string_view role, std::string kept_as, const std::string& virus,
                        std::string pec_id);

}  // namespace pec::milter

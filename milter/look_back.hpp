// SPDX-License-Identifier: GPL-2.0-or-later

// Looks up what came before a message: the facts by which the incoming point recognizes a duplicate
// (pec/seen_before.hpp, pec/anomaly.hpp).
//
//     const auto back = look_back(found, smtp, now, us, services);
//     if (!back) return decision_for(back.error());
//
// Error: the ledger is away. Any thread.
#pragma once

#include "milter/services.hpp"
#include "pec/incoming_point.hpp"

#include <string>
#include <vector>

namespace pec::milter {

struct LookBack {
  SeenBefore seen;
  std::string anomaly_id;  // of the anomaly envelope that it may become, without domain
  std::vector<std::string> anomaly_known_to;
};

// Asks the log whether to believe a receipt (pec/belief.hpp), and classifies it accordingly. Other
// messages keep their class. Error: the ledger is away.
Result<Classification> as_believed(Classification found, const mime::Message& message, Instant now,
                                   const Identity& us, const DirectorySnapshot& directory,
                                   const Services& services);

// `us`: the identity that would issue the anomaly envelope.
Result<LookBack> look_back(const Classification& found, const SmtpEnvelope& smtp, Instant now,
                           const Identity& us, const Services& services);

}  // namespace pec::milter

// SPDX-License-Identifier: GPL-2.0-or-later

// What was there before a message came in: the facts by which the incoming point tells a duplicate
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

// What a receipt is when the log was asked whether to believe it (pec/belief.hpp); all else stays as it
// was found. Error: the ledger is away.
Result<Classification> as_believed(Classification found, const mime::Message& message, Instant now,
                                   const Identity& us, const DirectorySnapshot& directory,
                                   const Services& services);

// `us`: whose anomaly envelope it would become.
Result<LookBack> look_back(const Classification& found, const SmtpEnvelope& smtp, Instant now,
                           const Identity& us, const Services& services);

}  // namespace pec::milter

// SPDX-License-Identifier: GPL-2.0-or-later

// Refusals of the incoming point in SMTP at the end of data, and what is noted of them (RFC 6109,
// 2.2.2, 2.3; rules, 8.5). Each is counted under its reason. A message that a provider has signed
// also has a line in the log, `rifiuto`, one for each recipient, however often it comes.
//
//     if (meant.empty()) return refuse_for("an envelope", found, smtp, facts);
//
// Pure, any thread.
#pragma once

#include "pec/incoming_point.hpp"

#include <string>
#include <string_view>

namespace pec {

// The recipients' mailboxes don't take it (facts.takes). `why`: for the log.
Decision refuse_for(std::string_view why, const Classification& found, const SmtpEnvelope& smtp,
                    const IncomingFacts& facts);

// Infected ordinary mail: it is not kept.
Decision refuse_ordinary_virus(const Classification& found, const std::string& virus);

// Infected mail that a provider has signed: it is kept (facts.virus), and raises an alert.
Decision refuse_kept_virus(const Classification& found, const SmtpEnvelope& smtp,
                           const IncomingFacts& facts);

}  // namespace pec

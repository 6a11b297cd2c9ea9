// SPDX-License-Identifier: GPL-2.0-or-later

// Whether a receipt that is genuine, and the signer's to give (whose_message.hpp), is to be believed: it
// must be for somebody whom the message was for, and must not say the opposite of what is known (rules,
// 4; 8.5). A message that the log does not know proves nothing: its acceptance may not have been made
// yet, or the log was lost.
//
//     if (const auto doubt = doubt_about(receipt.data, log)) ...   // doubt->flaw, doubt->why
//
// What is not believed is logged, and comes to the user in an anomaly envelope that says why; the ledger
// lets it change no dispatch, and has the incident (dispatch.hpp). Pure, any thread.
#pragma once

#include "pec/certification_data.hpp"
#include "pec/findings.hpp"
#include "pec/ledger_entry.hpp"

#include <map>
#include <optional>
#include <string>

namespace pec {

// What the log has of the message that a receipt is about.
struct KnownOfMessage {
  std::optional<LedgerEvent> envelope;
  // Of those whom the receipt tells of, canonical.
  std::map<std::string, DispatchStep::Step> ends{};
};

struct Doubt {
  IncomingFlaw flaw{};
  std::string why;  // one line for the log
};

std::optional<Doubt> doubt_about(const CertificationData& data, const KnownOfMessage& log);

}  // namespace pec

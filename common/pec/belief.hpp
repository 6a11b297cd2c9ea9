// SPDX-License-Identifier: GPL-2.0-or-later

// Whether to believe a genuine receipt that is the signer's to give (whose_message.hpp). It must be
// for a recipient of the message, and must not say the opposite of a known end (rules, 4; 8.5). A
// message that the log does not know gives no reason for doubt: its acceptance may come later, or
// the log was lost.
//
//     if (const auto doubt = doubt_about(receipt.data, log)) ...   // doubt->flaw, doubt->why
//
// A receipt that is not believed is logged, and reaches the user in an anomaly envelope that says
// why. It changes no dispatch, and the ledger enters an incident (dispatch.hpp). Pure, any thread.
#pragma once

#include "pec/certification_data.hpp"
#include "pec/findings.hpp"
#include "pec/ledger_entry.hpp"

#include <map>
#include <optional>
#include <string>

namespace pec {

// The log's facts about the message that a receipt is about.
struct KnownOfMessage {
  std::optional<LedgerEvent> envelope;
  // Of the recipients that the receipt is about, by canonical address.
  std::map<std::string, DispatchStep::Step> ends{};
};

struct Doubt {
  IncomingFlaw flaw{};
  std::string why;  // one line for the log
};

std::optional<Doubt> doubt_about(const CertificationData& data, const KnownOfMessage& log);

}  // namespace pec

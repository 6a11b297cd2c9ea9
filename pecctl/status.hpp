// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl status`: how the parts of each node do, as they have reported it to the ledger.
//
//     auto report = status(*ledger, legal_time);
//     // "mx1.pec.alfa.example antivirus: good since 2026-11-22 05:11:22 +0100: 120 signatures"
//     return report && report->all_good ? 0 : 1;
//
// All text that was reported is shown without control characters. Times are legal time: when it
// became so, not when it was last reported.
//
// Errors: one sentence for the administrator: what, where, how to mend it. One thread.
#pragma once

#include "ledger/sql_ledger.hpp"
#include "pec/stamp.hpp"

#include <string>

namespace pec::pecctl {

struct StatusReport {
  std::string lines;      // one for each part of a node, by node; the last without its end
  bool all_good = false;  // and something has reported
};

Result<StatusReport> status(const SqlLedger& ledger, const LegalTime& zone);

}  // namespace pec::pecctl

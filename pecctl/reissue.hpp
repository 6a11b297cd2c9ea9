// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl receipts reissue`: makes receipts that are missing, of the copies that were kept when they
// could not be made (an internal recipient that expired in the queue).
//
//     Report report = reissue_receipts(*ledger, receipts, group, delivery, clock, id, "");
//     // "reissued accettazione  2026…@pec.alfa.example  anna@…"
//
// The copy goes to the receipts service once more, byte for byte, for the internal recipient that it
// had, with the time of the event it is about; pec-milter verifies it as if it came for the first
// time, and gives a receipt that was made before the same id again. After 250 the incident is closed.
// What can't be made so is told, with what an operator can do.
//
// Errors: in the report's problems, a line each; also that there is no such open incident. One thread.
#pragma once

#include "ledger/sql_ledger.hpp"
#include "pecctl/report.hpp"
#include "pecctl/submit.hpp"

#include <string>

namespace pec::pecctl {

// `host_group` and `delivery_point`: the two secrets of internal recipients. `recipient` empty: all
// of that message.
Report reissue_receipts(SqlLedger& ledger, Submitter& receipts, const Authenticator& host_group,
                        const Authenticator& delivery_point, const Clock& clock,
                        const std::string& pec_id, const std::string& recipient);

}  // namespace pec::pecctl

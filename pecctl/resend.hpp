// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl receipts resend`: sends receipts and notices again that could not be handed over (the other
// provider was away for too long, the sender's mailbox was full), and that incidents have kept.
//
//     Report report = resend_receipts(*ledger, receipts, group, clock, id, "bruno@pec.beta.example");
//     // "sent again lost avvenuta-consegna  2026…@pec.alfa.example  bruno@…"
//
// The receipt goes to the receipts service as it was, byte for byte; pec-milter sees to whom. So it is the
// same receipt, under the same Message-ID and of the same time, and whoever has it already drops it. After
// 250 the incident is closed; it opens again if the receipt can't be handed over this time either.
//
// Errors: in the report's problems, a line each; also that there is no such open incident. One thread.
#pragma once

#include "ledger/sql_ledger.hpp"
#include "pecctl/report.hpp"
#include "pecctl/submit.hpp"

#include <string>

namespace pec::pecctl {

// `recipient`: whom the receipt is about, as the incident has it; empty: all of that message.
Report resend_receipts(SqlLedger& ledger, Submitter& receipts, const Authenticator& host_group,
                       const Clock& clock, const std::string& pec_id, const std::string& recipient);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// The receipts role: it turns a copy for an internal recipient into the receipt or notice that the
// recipient names (pec/receipts.hpp). A permanent failure is an incident.
//
//     Decision decision = receipts(transaction, services, queue_file);
//
// The role asks the ledger before it makes the receipt, because the ledger gives the receipt its
// Message-ID and time. Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"

namespace pec::milter {

Decision receipts(const Transaction& transaction, const Services& services, QueueFile& queue_file);

}  // namespace pec::milter

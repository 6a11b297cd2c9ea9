// SPDX-License-Identifier: GPL-2.0-or-later

// The receipts role: a copy for an internal recipient becomes the receipt or notice that it names
// (pec/receipts.hpp). What goes wrong for good is an incident.
//
//     Decision decision = receipts(transaction, services, queue_file);
//
// The ledger is asked before the receipt is made, because the identity of a receipt is one of its facts. Any
// thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"

namespace pec::milter {

Decision receipts(const Transaction& transaction, const Services& services, QueueFile& queue_file);

}  // namespace pec::milter

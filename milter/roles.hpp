// SPDX-License-Identifier: GPL-2.0-or-later

// The roles: which facts each gathers before its pure function decides (docs/architecture.md).
//
//     Decision decision = decide(transaction, services, queue_file);
//
// `queue_file` is told only that work goes on. Throws what its services throw. Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"

namespace pec::milter {

Decision decide(const Transaction& transaction, const Services& services, QueueFile& queue_file);

}  // namespace pec::milter

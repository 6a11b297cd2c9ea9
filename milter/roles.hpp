// SPDX-License-Identifier: GPL-2.0-or-later

// The roles: each gathers the facts for its pure function, which decides (docs/architecture.md).
//
//     Decision decision = decide(transaction, services, queue_file);
//
// It calls only progress() of `queue_file`. Throws the exceptions of its services. Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"

namespace pec::milter {

Decision decide(const Transaction& transaction, const Services& services, QueueFile& queue_file);

}  // namespace pec::milter

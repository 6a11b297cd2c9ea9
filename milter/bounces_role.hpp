// SPDX-License-Identifier: GPL-2.0-or-later

// The bounces role: what becomes of a bounce that the mail server has made (pec/bounces.hpp says which
// rules hold; docs/architecture.md, "Failures and timeouts", how it is used).
//
//     Decision decision = bounces(transaction, services);
//
// Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"

namespace pec::milter {

// If it is put off (TryLater), the mail server keeps the message that failed, and comes again.
Decision bounces(const Transaction& transaction, const Services& services);

}  // namespace pec::milter

// SPDX-License-Identifier: GPL-2.0-or-later

// The bounces role: decides what to do with a bounce that the mail server has made. pec/bounces.hpp
// has the rules; docs/architecture.md, "Failures and timeouts", shows their use.
//
//     Decision decision = bounces(transaction, services);
//
// Any thread.
#pragma once

#include "milter/mta.hpp"
#include "milter/services.hpp"
#include "pec/decision.hpp"

namespace pec::milter {

// If the bounce is put off (TryLater), the mail server keeps the failed message and tries again.
Decision bounces(const Transaction& transaction, const Services& services);

}  // namespace pec::milter

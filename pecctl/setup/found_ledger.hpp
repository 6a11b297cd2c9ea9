// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger that a host may have from before, such as after `pecctl setup revert`. It is evidence
// of one provider, so nobody else's lines may be added to it.
//
//     PEC_TRY_VOID(check_found_ledger(context, config));
//
// It looks in a process of its own, as the service's user, and brings the tables to this version,
// as pec-milter would. Without a ledger there is nothing to check. Error: bad_input, the ledger has
// mailboxes of other domains; unavailable, it can't be opened. Only while there is one thread.
#pragma once

#include "pecctl/context.hpp"

namespace pec::pecctl {

Result<void> check_found_ledger(const Context& context, const config::Config& config);

}  // namespace pec::pecctl

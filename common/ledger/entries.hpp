// SPDX-License-Identifier: GPL-2.0-or-later

// Enters what calls report: events, steps of dispatches, incidents. The top of sql_ledger.cpp
// ("Merging") says which of them are entered.
//
//     enter(sql, storable(entries));                       // within a transaction that may write
//     const auto known = dispatch_of(sql, pec_id, recipient);
//
// All throw soci::soci_error. The session's thread.
#pragma once

#include "ledger/database.hpp"
#include "pec/dispatch.hpp"

#include <optional>
#include <string>

namespace pec::ledger {

void enter(soci::session& sql, const LedgerEntries& entries);

void enter(soci::session& sql, const Incident& incident);

std::optional<Dispatch> dispatch_of(soci::session& sql, const std::string& pec_id,
                                    const std::string& recipient);

}  // namespace pec::ledger

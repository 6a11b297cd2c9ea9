// Entering what calls report: events, steps of dispatches, incidents. Which of them are entered is
// told at the top of sql_ledger.cpp ("Merging").
//
//     enter(sql, storable(entries));                       // within a transaction that may write
//     const auto known = dispatch_of(sql, pec_id, recipient);
//     if (known && end_of(*known)) ...                     // it was delivered, failed or timed out
//
// All throw soci::soci_error. The session's thread.
#pragma once

#include "ledger/sql_ledger.hpp"

#include <optional>
#include <string>

namespace pec::ledger {

void enter(soci::session& sql, const LedgerEntries& entries);

void enter(soci::session& sql, const Incident& incident);

// Two ends of one dispatch, of which the second is not entered.
void enter_contradiction(soci::session& sql, const std::string& pec_id,
                         const std::string& recipient, Instant at, std::string detail);

std::optional<Dispatch> dispatch_of(soci::session& sql, const std::string& pec_id,
                                    const std::string& recipient);

std::optional<DispatchStep::Step> end_of(const Dispatch& dispatch);

}  // namespace pec::ledger

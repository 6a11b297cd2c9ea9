// SPDX-License-Identifier: GPL-2.0-or-later

// Makes text that the ledger's databases can hold: UTF-8 without NUL. PostgreSQL takes nothing
// else, but a certified text from outside may be anything. If an event can't be entered, its
// message waits for ever. So bytes that are not UTF-8 are read as Latin-1, and NUL becomes U+FFFD,
// on both databases.
//
//     storable("perch\xe9")      // "perché"
//     storable(entries)          // the same of every text in them
//
// Make the values of a query storable, too. Pure functions, any thread.
#pragma once

#include "pec/alias_delivery.hpp"
#include "pec/ledger_entry.hpp"

#include <string>
#include <string_view>

namespace pec::ledger {

std::string storable(std::string_view text);
LedgerEntries storable(LedgerEntries entries);
ReceiptKey storable(ReceiptKey key);
AliasReport storable(AliasReport report);

}  // namespace pec::ledger

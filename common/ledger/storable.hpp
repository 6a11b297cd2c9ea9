// SPDX-License-Identifier: GPL-2.0-or-later

// Text as the ledger's databases can hold it: UTF-8 without NUL. PostgreSQL takes nothing else, and
// a certified text from outside may be anything; an event that can't be entered would keep its
// message waiting for ever. So bytes that are no UTF-8 are read as Latin-1, and NUL becomes U+FFFD,
// on both databases alike.
//
//     storable("perch\xe9")      // "perché"
//     storable(entries)          // the same of every text in them
//
// What is looked up must be storable, too. Pure functions, any thread.
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

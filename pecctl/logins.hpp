// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl logins`: shows the wrong passwords that pec-policyd counts (pec/login_guard.hpp), and
// forgets them on request, which lets a user in again.
//
//     auto answer = list_failed_logins(*ledger, zone, now);
//     // "2026-11-22 05:11:22 +0100  anna@alfa.example  -  20 wrong passwords  refused until ..."
//
// A line with an account alone is about all strangers. One with a network alone is about all
// accounts to which it is a stranger. One with both is about an account that has logged in well
// from there. "-" stands for the missing one. Errors: one sentence for the administrator. One
// thread.
#pragma once

#include "ledger/sql_logins.hpp"
#include "pecctl/answer.hpp"

#include <string>

namespace pec::pecctl {

Result<Answer> list_failed_logins(const ledger::SqlLogins& ledger, const LegalTime& zone,
                                  Instant now);

// Removes all lines with `whose`: an account, an address, or a network as the list names it.
Result<Answer> forget_failed_logins(ledger::SqlLogins& ledger, const std::string& whose,
                                    Instant now);

}  // namespace pec::pecctl

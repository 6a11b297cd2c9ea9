// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl logins`: the wrong passwords that pec-policyd counts (pec/login_guard.hpp), and who is
// let in again.
//
//     auto answer = list_failed_logins(*ledger, zone, now);
//  // "2026-11-22 05:11:22 +0100  anna@alfa.example  -  20 wrong passwords  refused until 2026-..."
//
// A line is about an account and all strangers, about a network and all accounts to which it is a
// stranger, or about both, where the account has logged in well from there. What it is not about is
// "-". Errors: one sentence for the administrator. One thread.
#pragma once

#include "ledger/sql_ledger.hpp"
#include "pecctl/answer.hpp"

#include <string>

namespace pec::pecctl {

Result<Answer> list_failed_logins(const SqlLedger& ledger, const LegalTime& zone, Instant now);

// `whose`: an account, an address, or a network as the list names it. All lines that it is in are
// gone.
Result<Answer> forget_failed_logins(SqlLedger& ledger, const std::string& whose, Instant now);

}  // namespace pec::pecctl

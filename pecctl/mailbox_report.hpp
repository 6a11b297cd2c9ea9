// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl mailbox show | list`: what the ledger knows of our mailboxes, for people or as JSON.
//
//     auto mailbox = our_mailbox("Anna@pec.alfa.example", *directory.snapshot(), config);
//     auto text = show_mailbox(*ledger, *mailbox, zone);
//     // "anna@pec.alfa.example: blocked since 2026-11-22 05:11:22 +0100 (181 messages ...), open ..."
//
// A closed mailbox ("PEC chiusa") takes certified mail only (RFC 6109, 2.2.2). Of one that somebody
// else keeps the account of, the state alone is known. JSON is one object, or an array of them; its times
// are RFC 3339, UTC.
//
// Errors: one sentence for the administrator: what, where, how to mend it. One thread.
#pragma once

#include "config/config.hpp"
#include "ledger/sql_ledger.hpp"
#include "pec/ports.hpp"
#include "pec/stamp.hpp"

#include <string>
#include <string_view>

namespace pec::pecctl {

// The canonical address of a mailbox in one of our domains, which are those that the directory gives
// to provider.name. Whether the mailbox exists only the mail store knows. Error: bad_input.
Result<std::string> our_mailbox(std::string_view address, const DirectorySnapshot& directory,
                                const Config& config);

std::string_view openness_text(bool closed);
// "blocked since ... (why), closed (certified mail only)"; what is as usual is left out.
std::string state_text(const MailboxStatus& status, const LegalTime& zone);

Result<std::string> show_mailbox(const SqlLedger& ledger, const std::string& address,
                                 const LegalTime& zone);
Result<std::string> show_mailbox_as_json(const SqlLedger& ledger, const std::string& address);

// A line for each, by address.
Result<std::string> list_mailboxes(const SqlLedger& ledger, const LegalTime& zone);
Result<std::string> list_mailboxes_as_json(const SqlLedger& ledger);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl mailbox show | list`: shows what the ledger knows of our mailboxes, for people or as
// JSON.
//
//     auto mailbox = our_mailbox("Anna@pec.alfa.example", *directory.snapshot(), config);
//     auto answer = show_mailbox(site, *mailbox, false);
//     // "anna@alfa.example: blocked since 2026-11-22 05:11:22 +0100 (181 messages ...), open ..."
//
// A closed mailbox ("PEC chiusa") takes certified mail only (RFC 6109, 2.2.2). If its account is
// kept elsewhere, the ledger knows only its state. JSON is one object, or an array of them; its
// times are RFC 3339, UTC.
//
// Errors: one sentence for the administrator: what, where, how to fix it. One thread.
#pragma once

#include "pec/ports.hpp"
#include "pecctl/answer.hpp"
#include "pecctl/context.hpp"

#include <string>
#include <string_view>

namespace pec::pecctl {

// The canonical address of a mailbox in one of our domains: those that the directory gives to
// provider.name. Only the mail store knows whether the mailbox exists. Error: bad_input.
Result<std::string> our_mailbox(std::string_view address, const DirectorySnapshot& directory,
                                const config::Config& config);

std::string_view openness_text(bool closed);

Result<Answer> show_mailbox(const Site& site, const std::string& address, bool as_json);

// A line or an object for each, by address.
Result<Answer> list_mailboxes(const Site& site, bool as_json);

}  // namespace pec::pecctl

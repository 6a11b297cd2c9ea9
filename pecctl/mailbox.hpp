// `pecctl mailbox`: what a mailbox of ours takes. A closed one ("PEC chiusa") takes certified mail
// only, and ordinary mail to it is refused (RFC 6109, 2.2.2). The flag is kept in the ledger, where
// pec-milter looks for every recipient: it holds from the next message on.
//
//     auto mailbox = our_mailbox("Anna@pec.alfa.example", *directory.snapshot(), config);
//     auto line = set_mailbox(*ledger, *mailbox, true);
//     // "anna@pec.alfa.example: closed (certified mail only)"
//
// Errors: one sentence for the administrator: what, where, how to mend it. One thread.
#pragma once

#include "config/config.hpp"
#include "ledger/sql_ledger.hpp"
#include "pec/ports.hpp"

#include <string>
#include <string_view>

namespace pec::pecctl {

// The canonical address of a mailbox in one of our domains, which are those that the directory gives
// to provider.name. Whether the mailbox exists only the mail store knows. Error: bad_input.
Result<std::string> our_mailbox(std::string_view address, const DirectorySnapshot& directory,
                                const Config& config);

// Both return the line that tells the mailbox's state as the ledger has it now.
Result<std::string> set_mailbox(SqlLedger& ledger, const std::string& mailbox, bool closed);
Result<std::string> show_mailbox(const SqlLedger& ledger, const std::string& mailbox);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// The mailboxes that a provider can't be without: for receipts of other providers, for the people
// who run it, and the one from which `pecctl selftest` writes. Only if accounts are in the ledger.
//
// pecctl runs itself for each, since a process that has opened the ledger is the service's user for
// good (context.hpp), and set-up must stay root. Errors: unavailable, with what that run said.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <string>
#include <vector>

namespace pec::pecctl {

// "+ mailbox ricevute@pec.alfa.example" for each; all of them while there is no ledger. Also a
// password that is missing, or, with `has_new_password`, is not the one in its file any more.
Result<std::vector<std::string>> missing_accounts(const config::Config& config,
                                                  const std::string& config_file,
                                                  bool has_new_password);
Result<void> make_accounts(const config::Config& config, const std::string& config_file);

}  // namespace pec::pecctl

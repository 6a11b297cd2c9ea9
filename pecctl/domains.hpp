// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl domain`: the mail domains that we manage, in the ledger. `pecctl directory publish` tells the
// providers' directory of them (RFC 6109, 4.5.5), and a domain is certified once that has it.
//
//     auto lines = add_domains(*ledger, {"comune.example"}, "", config, now, false);
//     // "comune.example: added; publish it with \"pecctl directory publish\""
//
// With `dry_run` nothing is written, and the answer says what would be. Our own mail domains
// (provider.domain, and each unit's) are published always, and are not in the ledger. Errors: one
// sentence for the administrator, and then nothing was changed. One thread.
#pragma once

#include "config/config.hpp"
#include "ledger/sql_ledger.hpp"
#include "pecctl/report.hpp"

#include <string>
#include <vector>

namespace pec::pecctl {

// `unit`: which of our units manages them; empty: the main environment. A domain that is there goes
// to it.
Result<Report> add_domains(SqlLedger& ledger, const std::vector<std::string>& names,
                           const std::string& unit, const Config& config, Instant now,
                           bool dry_run);

// Says how many accounts of ours are left in a domain: they stay as they are.
Result<Report> remove_domains(SqlLedger& ledger, const std::vector<std::string>& names,
                              bool dry_run);

// "comune.example", and for a unit's "scuola.example  unit \"Unit 2\"".
Result<Report> list_domains(const SqlLedger& ledger);

// An array of objects: name, unit (empty: the main environment), added.
Result<std::string> list_domains_as_json(const SqlLedger& ledger);

}  // namespace pec::pecctl

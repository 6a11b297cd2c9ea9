// SPDX-License-Identifier: GPL-2.0-or-later

// Our record for the providers' directory (RFC 6109, 4.5): an entry for the provider and one for
// each unit, as LDIF.
//
//     PEC_TRY(const auto record, directory_record(config, domains));
//
// An entry has the signing certificate of its identity, and during a renewal the other one, too. It
// has its own mail domain and its unit's domains from the ledger. Error: bad_input, if the
// configuration lacks something, or a certificate is not of the profile of 5.5. It reads the
// certificates; any thread.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "ledger/records.hpp"

#include <string>
#include <vector>

namespace pec::pecctl {

// Without directory_publish.url the record does not say where it is fetched from.
Result<std::string> directory_record(const config::Config& config,
                                     const std::vector<ledger::ManagedDomain>& domains);

}  // namespace pec::pecctl

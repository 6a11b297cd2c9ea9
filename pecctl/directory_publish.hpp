// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl directory publish`: our own record for the providers' directory, which fetches it once a day
// (RFC 6109, 4.5): an entry for the provider and one for each unit, as LDIF in a CMS signed with the
// provider's key. A web server serves the file that it is put into.
//
//     auto ldif = our_record(config, *ledger->domains());
//     if (auto fits = compare_with_directory(*in_use, *ldif, config, now); !fits) ...
//     auto line = publish_record(*ldif, config, now);      // "/srv/pec/alfa.ldif.p7m: 2 entries, ..."
//
// An entry has the certificate that its identity signs with, and during a renewal the other one, too;
// its own mail domain, and those of the ledger that are its unit's.
//
// Errors: one sentence for the administrator, and then the file stays as it was. One thread.
#pragma once

#include "config/config.hpp"
#include "directory/providers_directory.hpp"
#include "ledger/sql_ledger.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pec::pecctl {

// The record as LDIF. Error: bad_input, what the configuration lacks, or what is wrong with a
// certificate: it must be of the profile of 5.5.
Result<std::string> our_record(const Config& config, const std::vector<ManagedDomain>& domains);

// Whether the record may take the place of what the directory in use has of us. What one forgets would
// make certified mail ordinary. Error: rejected, if
//   - the directory gives a domain of the record to another provider;
//   - more than directory.max_shrink_percent of our domains there would go;
//   - a certificate of ours there that is still valid would go: mail signed with it is on its way.
Result<void> compare_with_directory(const directory::ProvidersDirectory& in_use,
                                    const std::string& record, const Config& config, Instant now);

// Signs it and puts it in place. Returns what it has done, in one line.
Result<std::string> publish_record(const std::string& record, const Config& config, Instant now);

}  // namespace pec::pecctl

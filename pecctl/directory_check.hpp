// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl directory check`: whether what the directory says of us holds: that mail to our domains comes
// to us, and that our certificates last a while. A timer runs it daily.
//
//     MxLookup dns(config.directory_check.resolver);
//     auto report = check_directory(directory, *ledger->domains(), hosts_of, config, now);
//
// It tells of each of our entries (units are entries of their own), and complains of
// - a unit that the directory has and the configuration ([[unit]]) has not, or the reverse;
// - a domain that `pecctl domain` has added and the directory doesn't have there, or, where any has been
//   added, the reverse: the directory is behind, or refuses it;
// - a domain whose MX records are none, or name another host than those in directory_check.mx_hosts:
//   the DNS or the directory is behind;
// - a certificate that we sign with, if it is neither in the entry of that unit nor in our main one, or
//   ends within directory_check.expiry_days;
// - an entry whose certificates all end within that time. One of two that ends is a renewal.
//
// Problems: one sentence each for the administrator. One thread.
#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "directory/providers_directory.hpp"
#include "ledger/sql_ledger.hpp"
#include "pecctl/report.hpp"

#include <functional>
#include <string>
#include <vector>

namespace pec::pecctl {

using MxHosts = std::function<Result<std::vector<std::string>>(const std::string& domain)>;

// Error: bad_input if the directory has no entry of ours.
Result<Report> check_directory(const directory::ProvidersDirectory& directory,
                               const std::vector<ManagedDomain>& added, const MxHosts& mx_hosts,
                               const Config& config, Instant now);

}  // namespace pec::pecctl

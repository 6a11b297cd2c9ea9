// `pecctl directory check`: whether what the directory says of us holds: that mail to our domains comes
// to us, and that our certificates last a while. A timer runs it daily.
//
//     MxLookup dns(config.directory_check.resolver);
//     auto report = check_directory(directory, dns, config, *certificate, now);
//
// It tells of each of our entries (units are entries of their own), and complains of
// - a domain whose MX records are none, or name another host than those in directory_check.mx_hosts:
//   the DNS or the directory is behind;
// - the certificate that we sign with, if it is not in an entry of ours, or ends within
//   directory_check.expiry_days;
// - an entry whose certificates all end within that time. One of two that ends is a renewal.
//
// Problems: one sentence each for the administrator. One thread.
#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "directory/providers_directory.hpp"
#include "report.hpp"

#include <functional>
#include <openssl/x509.h>
#include <string>
#include <vector>

namespace pec::pecctl {

using MxHosts = std::function<Result<std::vector<std::string>>(const std::string& domain)>;

// `certificate`: the one that we sign with. Error: bad_input if the directory has no entry of ours.
Result<Report> check_directory(const directory::ProvidersDirectory& directory,
                               const MxHosts& mx_hosts, const Config& config,
                               const X509& certificate, Instant now);

}  // namespace pec::pecctl

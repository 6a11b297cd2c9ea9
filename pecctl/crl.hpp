// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl crl update`: brings trust.crl_file up to date, from where the authorities publish their
// CRLs. A timer runs it much more often than CRLs end, so that a web server may be down for a while.
//
//     HttpFetcher web({.scheme = "http"});
//     auto signer = directory_signer(config.directory, now);
//     auto sources = crl_sources(directory, *signer);
//     auto report = update_crls(web, *sources, config, now);
//
// Plain HTTP is right here: a CRL is signed, and one over HTTPS would need a certificate, and so a
// CRL, to be fetched. What a CRL must be to be taken: smime/crl_file.hpp. A list that could not be
// renewed stays in the file, the others are renewed all the same.
//
// Errors and problems: one sentence each for the administrator. One thread.
#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "directory/providers_directory.hpp"
#include "pecctl/fetch.hpp"
#include "pecctl/report.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pec::pecctl {

// The URLs of one CRL, any of which will do.
using CrlSource = std::vector<std::string>;

// The certificate of who signed the directory's file, DER; empty if it is not a signed file.
Result<std::string> directory_signer(const directory::DirectoryOptions& options, Instant now);

// Where the CRLs are, unless the administrator has said so: the HTTP URLs in the certificates of the
// directory and of its signer (cRLDistributionPoints). Error: bad_input if there are none.
Result<std::set<CrlSource>> crl_sources(const directory::ProvidersDirectory& directory,
                                        std::string_view signer);

// Error: the files can't be used, and nothing was changed.
Result<Report> update_crls(Fetcher& web, const std::set<CrlSource>& sources, const Config& config,
                           Instant now);

}  // namespace pec::pecctl

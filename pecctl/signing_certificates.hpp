// SPDX-License-Identifier: GPL-2.0-or-later

// Our signing certificates, as `pecctl certificate` and `pecctl selftest` look at them.
//
//     for (const auto& [file, us] : signing_certificates(config))
//       for (const auto& flaw : certificate_flaws(file, us, context, config)) complain(flaw);
//
// One thread.
#pragma once

#include "pecctl/context.hpp"
#include "smime/certificate.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace pec::pecctl {

// Of all files that pec.toml names, with the identity whose they are.
std::vector<std::pair<std::filesystem::path, config::Config::Provider>> signing_certificates(
    const config::Config& config);

// What is wrong with one of them, a sentence each: the profile (RFC 6109, 5.5). Of the one in use
// also its key, its address and its end.
std::vector<std::string> certificate_flaws(const std::filesystem::path& file,
                                           const config::Config::Provider& us,
                                           const Context& context, const config::Config& config);

// "until 2027-11-22 05:11:22 UTC, 357 days". Error: bad_input.
Result<std::string> end_text(const X509& certificate, Instant now);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// All that authorities give to a real provider, made here for a trial: an authority, a signing
// certificate of the profile (RFC 6109, 5.5), a revocation list, a TLS certificate, the providers'
// directory with this provider alone, a text that says that this is a trial, and a virus database
// that knows the EICAR test alone, if the host has no other.
//
//     values.merge(trial_options("/etc/pec/trial", facts));   // where pec.toml finds them
//     PEC_TRY(const auto config, config::parse_config(text, "/etc/pec/pec.toml"));
//     PEC_TRY(const auto trial, make_trial(config, facts, "/etc/pec/trial"));
//     say("the trial ends at {}", smime::utc_text(trial.end));
//
// A file is made if pec.toml names it in that folder and it is not there. What is there stays: a
// run after a kill makes what is missing, and each file has its name when it is whole. It runs the
// openssl program, for half a second. Errors: bad_input, if what is there is not for this site or
// its time is over; unavailable, if a file can't be made. One thread.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "pecctl/setup/facts.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pec::pecctl {

// The folder of pec.toml's own trial.
inline constexpr const char* trial_folder = "/etc/pec/trial";

// "provider.key_file" -> "/etc/pec/trial/provider.key". Pure.
std::map<std::string, std::string> trial_options(const std::filesystem::path& folder,
                                                 const Facts& facts);

// pec.toml names the files of a trial.
bool is_trial(const config::Config& config);

struct Trial {
  std::vector<std::string> lines;  // "/etc/pec/trial/provider.key: made", a line for each file
  Instant end{};  // of the certificates; signing stops trust.stop_signing_hours before
};

// The keys of signing certificates belong to site.user, all else to root; without root, all to
// ourselves.
Result<Trial> make_trial(const config::Config& config, const Facts& facts,
                         const std::filesystem::path& folder);

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// The one table of what pec.toml names: who may own each file, and what others must not be able to do to
// it (docs/security.md, "Files"). What lets a stranger read a secret, or replace a key, a program or what
// decides whom we trust, keeps every program from starting; the line says how to mend it.
//
//     const auto config = load_safe_config("/etc/pec/pec.toml", {FileUse::ledger, FileUse::notices});
//     if (!config) return complain(config.error().detail);   // a line for each problem
//
// Files belong to root, or to the service's user: who runs this, or, for root and for pec-scanner, who
// owns internal.secret_file (or, if that is root's, the ledger or the virus store). Any thread.
#pragma once

#include "config/config.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace pec {

// What a program does, and so which files it depends on, beside pec.toml itself.
enum class FileUse {
  signing,
  trust,  // the authorities, their lists, the directory
  fetching,
  publishing,
  ledger,
  secrets,
  mail,
  notices,
  viruses,
  scanning
};

std::set<FileUse> all_file_uses();

// A line for each problem; empty: none.
std::vector<std::string> unsafe_files(const Config& config,
                                      const std::filesystem::path& config_file,
                                      const std::set<FileUse>& uses);

// load_config(), and then unsafe_files(). Error: bad_input, a line for each problem.
Result<Config> load_safe_config(const std::filesystem::path& path, const std::set<FileUse>& uses);

// The options that the table has a row for: "provider.key_file". For the test that none is forgotten.
std::set<std::string> options_with_file_rules();

}  // namespace pec

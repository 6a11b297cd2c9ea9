// SPDX-License-Identifier: GPL-2.0-or-later

// The one table of files that pec.toml names: the permitted owner of each, and what others must not
// be able to do to it (docs/security.md, "Files"). A stranger must not be able to read a secret, or
// to replace a key, a program or a file that decides whom we trust. If one could, no program
// starts, and the error says how to correct it.
//
//     const auto config = load_safe_config(path, {FileUse::ledger, FileUse::notices});
//     if (!config) return complain(config.error().detail);   // a line for each problem
//
// Files belong to root or to the service's user. That is the user who runs this program. For root
// and for pec-scanner it is the owner of internal.secret_file (or, if that is root's, of the ledger
// or the virus store). Any thread.
#pragma once

#include "config/config.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace pec::config {

// The uses of a program, which decide which files it depends on, beside pec.toml itself.
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
  scanning,
  setup  // of Postfix and Dovecot
};

std::set<FileUse> all_file_uses();

// A line for each problem; empty: none.
std::vector<std::string> unsafe_files(const Config& config,
                                      const std::filesystem::path& config_file,
                                      const std::set<FileUse>& uses);

// load_config(), and then unsafe_files(). Error: bad_input, a line for each problem.
Result<Config> load_safe_config(const std::filesystem::path& path, const std::set<FileUse>& uses);

// The options that have a row in the table: "provider.key_file". For the test that none is missing.
std::set<std::string> options_with_file_rules();

}  // namespace pec::config

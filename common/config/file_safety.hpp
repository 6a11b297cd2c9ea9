// SPDX-License-Identifier: GPL-2.0-or-later

// Whether a stranger could read, change or replace a file: its owner and mode, and those of every folder
// and link on the way to it. A link is followed; what counts is where it leads, and who may change it.
//
//     const FileRule key{.off = 077};
//     for (const auto& line : strangers_could("/etc/pec/provider.key", key, {0, 997}, "provider.key_file"))
//       complain(line);   // "/etc/pec/provider.key is open to others than its owner: run "chmod 600 ...
//
// What is not there, or can't be looked at, is no problem here: whoever reads it says so. A folder that
// others may write is good where it is sticky, as /tmp is: nobody replaces there what belongs to another.
// Any thread.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace pec::config {

struct FileRule {
  mode_t off = 022;           // bits that the file must not have
  bool any_owner = false;     // another service's: whoever that runs as
  bool is_place = false;      // a folder where files are made; it may be sticky
  bool with_content = false;  // a folder: the files in it, too
};

// One line for each problem: what file, what is wrong, the command that mends it, `option`. `owners`: root,
// then the service's user.
std::vector<std::string> strangers_could(const std::filesystem::path& path, const FileRule& rule,
                                         const std::set<uid_t>& owners, std::string_view option);

}  // namespace pec::config

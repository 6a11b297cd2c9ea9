// SPDX-License-Identifier: GPL-2.0-or-later

// Checks whether a stranger could read, change or replace a file. It looks at owner and mode of the
// file, and of each folder and link on the way to it. It follows links: the target counts, and
// everybody who may change it.
//
//     const FileRule key{.off = 077};
//     for (const auto& line : strangers_could(path, key, {0, 997}, "provider.key_file"))
//       // "/etc/pec/provider.key is open to others than its owner: run "chmod 600 ...
//       complain(line);
//
// A file that is missing, or can't be looked at, is not a problem here: its reader will report it.
// A sticky folder such as /tmp may be writable to others, since nobody can replace another's file
// there. Any thread.
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
  bool any_owner = false;     // another service's: its user may be anybody
  bool is_place = false;      // a folder where files are made; it may be sticky
  bool with_content = false;  // a folder: the files in it, too
};

// One line for each problem: the file, what is wrong, the command that corrects it, `option`.
// `owners`: root and the service's user.
std::vector<std::string> strangers_could(const std::filesystem::path& path, const FileRule& rule,
                                         const std::set<uid_t>& owners, std::string_view option);

}  // namespace pec::config

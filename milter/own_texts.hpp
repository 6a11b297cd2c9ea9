// SPDX-License-Identifier: GPL-2.0-or-later

// Reads a provider's additions to our texts: one file, and two folders with a file for each kind of
// message (texts/README.md).
//
//     Result<OwnTexts> own = read_own_texts({"/etc/pec/text.txt", "", "/etc/pec/texts/german"});
//
// At start-up. Error: bad_input, which file is wrong, and how to fix it.
#pragma once

#include "base/result.hpp"
#include "pec/texts.hpp"

#include <filesystem>

namespace pec::milter {

// An empty path: none is configured.
struct OwnTextPaths {
  std::filesystem::path for_all;
  std::filesystem::path for_each_dir;
  std::filesystem::path second_language_dir;
};

Result<OwnTexts> read_own_texts(const OwnTextPaths& paths);

}  // namespace pec::milter

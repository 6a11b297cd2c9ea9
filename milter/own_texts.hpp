// SPDX-License-Identifier: GPL-2.0-or-later

// Reads what a provider adds to our texts: a file, and two folders with a file for each kind of message
// (texts/README.md).
//
//     Result<OwnTexts> own = read_own_texts({"/etc/pec/text.txt", "", "/etc/pec/texts/german"});
//
// At start-up. Error: bad_input, which file is wrong, and how to mend it.
#pragma once

#include "base/result.hpp"
#include "pec/texts.hpp"

#include <filesystem>

namespace pec::milter {

// Empty paths: there is none.
struct OwnTextPaths {
  std::filesystem::path for_all;
  std::filesystem::path for_each_dir;
  std::filesystem::path second_language_dir;
};

Result<OwnTexts> read_own_texts(const OwnTextPaths& paths);

}  // namespace pec::milter

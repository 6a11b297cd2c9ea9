// SPDX-License-Identifier: GPL-2.0-or-later

// The virus store's record of a message: TOML, one line for each value.
//
//     read_metadata(path, kept.id)      // a file that format_metadata(kept) has made
//
// Text that is not UTF-8 is written as if it were Latin-1. Any thread.
#pragma once

#include "base/result.hpp"
#include "pec/ports.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace pec::antivirus {

std::string format_metadata(const KeptVirus& kept);

// Error: bad_input if the file can't be read, is damaged, or is about another message than `id`.
Result<KeptVirus> read_metadata(const std::filesystem::path& path, std::string_view id);

}  // namespace pec::antivirus

// SPDX-License-Identifier: GPL-2.0-or-later

// What the virus store writes down of a message: TOML, one line for each value.
//
//     read_metadata(path, kept.id)      // what format_metadata(kept) has made
//
// Text that is not UTF-8 is written down as if it were Latin-1. Any thread.
#pragma once

#include "base/result.hpp"
#include "pec/ports.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace pec::antivirus {

std::string format_metadata(const KeptVirus& kept);

// Error: bad_input; the file can't be read, is damaged, or is of another message than `id`.
Result<KeptVirus> read_metadata(const std::filesystem::path& path, std::string_view id);

}  // namespace pec::antivirus

// SPDX-License-Identifier: GPL-2.0-or-later

// derived_files() for this host: with its templates, its passwords, and the site's own lines beside
// pec.toml. Errors: bad_input, one of these can't be read, or an option is missing.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "pecctl/derived_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pec::pecctl {

Result<std::vector<DerivedFile>> files_on_host(const config::Config& config,
                                               const std::string& config_file,
                                               const std::filesystem::path& templates);

// diff's lines for each file that is not as it is to be. No password is shown.
Result<std::vector<std::string>> differences_of(const std::vector<DerivedFile>& files);

// Writes a copy of what somebody has changed by hand, as NAME.edited. A password in it is for the
// same readers.
Result<void> keep_edited(const DerivedFile& file, const std::string& content);

}  // namespace pec::pecctl

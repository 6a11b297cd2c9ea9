// SPDX-License-Identifier: GPL-2.0-or-later

// The virus scanner that [antivirus] names, for pec-milter and `pecctl selftest`.
//
//     const auto scanner = scanner_in_use(config.antivirus, config.milter.temp_dir);
//     if (scanner) const auto result = scanner->scan(message);
//
// Never fails: a scanner that is away says so when it is asked. Any thread.
#pragma once

#include "config/config.hpp"
#include "pec/ports.hpp"

#include <filesystem>
#include <memory>

namespace pec::service {

// Null: nothing is scanned (antivirus.engine).
std::unique_ptr<Scanner> scanner_in_use(const config::Config::Antivirus& options,
                                        const std::filesystem::path& temp_dir);

}  // namespace pec::service

// SPDX-License-Identifier: GPL-2.0-or-later

// One message through libclamav.
//
//     ScanResult result = scan_message(*database, options, message);
//
// A message counts as clean only if it was scanned to its end: a reached limit or a full disk is a
// failure. Never throws. Any thread, any number at once.
#pragma once

#include "mime/rope.hpp"
#include "pec/ports.hpp"
#include "scanner/clam_database.hpp"
#include "scanner/clam_options.hpp"

namespace pec::scanner {

ScanResult scan_message(const ClamDatabase& database, const ClamOptions& options,
                        const mime::Rope& message) noexcept;

}  // namespace pec::scanner

// SPDX-License-Identifier: GPL-2.0-or-later

// How a message is prepared for ClamAV, and what its alerts mean. Both pec-scanner, which links the
// library, and our client of clamd use this.
//
//     scan(put_before_clamav(message));
//     return verdict_on("Eicar-Test-Signature");      // infected
//     return verdict_on("Heuristics.Limits.Exceeded.MaxFiles");  // failed
//
// Pure functions, any thread.
#pragma once

#include "mime/rope.hpp"
#include "pec/ports.hpp"

#include <string>
#include <string_view>

namespace pec::antivirus {

// Two things keep ClamAV from taking a message apart, and the sender controls both.
//
// ClamAV looks at the first 1024 bytes to find the kind of file. An unknown first field, or five
// letters at offset 257 that make it a tar archive, and ClamAV does not take it for mail. So the
// first 1024 bytes are ours, a long Received field.
//
// ClamAV leaves out parts that mail clients show. It skips all of a multipart/parallel. It skips
// all of multipart/plain, /html, /enriched and /richtext, which don't exist and so count as
// multipart/mixed (RFC 2046, 5.1.3). Of a multipart/signed it reads the first part only. So ClamAV
// gets each of these as multipart/mixed.
//
// Nothing else changes. The body is not copied if it is one slice, or the whole message is.
mime::Rope put_before_clamav(const mime::Rope& message);

// `alert`: the name that ClamAV reports. It reports a reached limit in the same way as a virus, if
// it is set to (libclamav always is; clamd: AlertExceedsMax).
ScanResult verdict_on(std::string_view alert);

ScanResult found_clean();
// The reason may be any text; it becomes one line.
ScanResult scan_failed(ScanResult::Failure failure, std::string_view reason);

}  // namespace pec::antivirus

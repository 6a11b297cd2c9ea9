// SPDX-License-Identifier: GPL-2.0-or-later

// How a message is put before ClamAV, and what its alerts mean: the same for pec-scanner, which has the
// library, and for clamd.
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

// Two things keep ClamAV from taking a message apart, and the sender has both in hand.
//
// It looks at the first 1024 bytes to tell what kind of file it has. An unknown first field, or five
// letters at offset 257 that make it a tar archive, and it is no mail. So the first 1024 bytes are
// ours, a long Received field.
//
// It leaves out parts that mail clients show: all of a multipart/parallel, and of multipart/plain,
// /html, /enriched and /richtext, which don't exist and so count as multipart/mixed (RFC 2046,
// 5.1.3); of a multipart/signed all but the first. So it gets each of these as multipart/mixed.
//
// Nothing else changes. Nothing of the size of the message is copied, if its body is one slice, or
// the message is one as a whole.
mime::Rope put_before_clamav(const mime::Rope& message);

// `alert`: the name of what was found. A limit that was reached is told in the same way as a virus,
// where the scanner is set to tell (libclamav always is; clamd: AlertExceedsMax).
ScanResult verdict_on(std::string_view alert);

ScanResult found_clean();
// The reason may hold anything; it becomes one line.
ScanResult scan_failed(ScanResult::Failure failure, std::string_view reason);

}  // namespace pec::antivirus

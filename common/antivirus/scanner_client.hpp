// SPDX-License-Identifier: GPL-2.0-or-later

// pec-milter's default virus scanner: pec-scanner, a process of another user, without key, secret
// or network (scanner/).
//
//     ScannerClient scanner({.socket = "/run/pec/scanner.sock", .temp_dir = "/var/lib/pec"});
//     ScanResult result = scanner.scan(message);
//     scanner.state()  ->  "120 signatures, database of 2026-11-22 10:00 UTC, loaded …"
//
// pec-scanner gets descriptors, not bytes, and can't change the message through them. A body in a
// file goes as that file, open for reading; by the file's mode, only its owner can open it again
// through /proc. Bytes in memory are copied into a sealed memfd, because a read-only descriptor
// alone could be opened again for writing. Bytes in memory that are larger than a body in memory
// may be go into a file in `temp_dir`.
//
// One connection for each message. If the scanner is away, the result is no_engine. If it ends
// before it has answered, the result is an error, even if another message caused that. If it is
// silent for `patience` longer than a scan may take, the result is a timeout. None of these is ever
// clean.
//
// Never throws. Any thread, any number at once.
#pragma once

#include "pec/ports.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace pec::antivirus {

struct ScannerClientOptions {
  std::string socket;
  std::filesystem::path temp_dir;  // pec-milter's own
  std::chrono::milliseconds max_scan_time = std::chrono::minutes(2);
  std::chrono::milliseconds patience = std::chrono::seconds(10);
};

class ScannerClient final : public Scanner {
public:
  explicit ScannerClient(ScannerClientOptions options);

  ScanResult scan(const mime::Rope& message) const override;
  std::string state() const override;

private:
  const ScannerClientOptions options_;
};

}  // namespace pec::antivirus

// SPDX-License-Identifier: GPL-2.0-or-later

// The virus scanner as pec-milter has it by default: pec-scanner, a process of another user, which has
// no key, no secret and no network (scanner/).
//
//     ScannerClient scanner({.socket = "/run/pec-scanner/scanner.sock", .temp_dir = "/var/lib/pec"});
//     ScanResult result = scanner.scan(message);
//     scanner.state()  ->  "120 signatures, database of 2026-11-22 10:00 UTC, loaded …"
//
// It is handed descriptors, not bytes, and none by which the message could be changed. A body that
// lies in a file goes as that file, open for reading; the file's mode lets nobody but its owner open
// it anew through /proc. What lies in memory is copied into a memfd that is sealed: a descriptor that
// is merely read-only could be opened anew for writing. What is larger than a body in memory may be,
// and in no file, gets one in `temp_dir`.
//
// One connection for each message. A scanner that is away is no_engine; one that ends before it has
// answered is an error, whoever's message it was; one that is silent for `patience` longer than a scan
// may take is a timeout. Nothing of the kind is ever clean.
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

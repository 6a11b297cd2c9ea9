// SPDX-License-Identifier: GPL-2.0-or-later

// A virus scanner in another process: ClamAV's daemon, for hosts that already run it.
//
//     ClamdClient scanner({.address = "/run/clamav/clamd.ctl"});     // or "127.0.0.1:3310"
//     ScanResult result = scanner.scan(message);
//     scanner.state()  ->  "clamd at /run/clamav/clamd.ctl: ClamAV 1.4.6/27824/Sun Nov 22 …"
//
// One connection for each message, which is streamed (INSTREAM). So clamd needs no access to our
// files, and may be restarted at any time. Without clamd, scans fail with no_engine at once. No
// call takes longer than the two time-outs together, plus the time to look up a host name.
//
// clamd decides how deep it scans. Its StreamMaxLength and MaxScanSize must be above the largest
// message, and AlertExceedsMax must be on. Otherwise it calls a message clean that it has not
// scanned to its end.
//
// Never throws. Any thread, any number at once.
#pragma once

#include "pec/ports.hpp"

#include <chrono>
#include <string>

namespace pec::antivirus {

struct ClamdOptions {
  std::string address;                     // "/PATH" of a unix socket, or "HOST:PORT"
  std::chrono::hours max_database_age{0};  // 0: no limit
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds max_scan_time = std::chrono::minutes(2);  // from the first byte sent
};

class ClamdClient final : public Scanner {
public:
  explicit ClamdClient(ClamdOptions options);

  // An old database may still find a virus. If it finds none, the scan fails with old_database. So
  // it does if clamd can't tell the age of its database, because it has no official one.
  ScanResult scan(const mime::Rope& message) const override;

  // A sentence: clamd's own version line, or why clamd can't be reached.
  std::string state() const override;

private:
  ScanResult check_age() const;

  const ClamdOptions options_;
};

}  // namespace pec::antivirus

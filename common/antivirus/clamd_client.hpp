// SPDX-License-Identifier: GPL-2.0-or-later

// The virus scanner in another process: ClamAV's daemon, for hosts that run it already.
//
//     ClamdClient scanner({.address = "/run/clamav/clamd.ctl"});     // or "127.0.0.1:3310"
//     ScanResult result = scanner.scan(message);
//     scanner.state()  ->  "clamd at /run/clamav/clamd.ctl: ClamAV 1.4.6/27824/Sun Nov 22 …"
//
// One connection for each message, which is streamed (INSTREAM): clamd needs no access to our files,
// and may be restarted at any time. Without it scans fail with no_engine at once. No call takes
// longer than the two time-outs together; looking up the name of a host comes on top.
//
// What is scanned how deep is clamd's to decide: its StreamMaxLength and MaxScanSize must be above
// the largest message, and AlertExceedsMax must be on, else it calls clean what it has not scanned to
// its end.
//
// Never throws. Any thread, any number at once.
#pragma once

#include "pec/ports.hpp"

#include <chrono>
#include <string>

namespace pec::antivirus {

struct ClamdOptions {
  std::string address;                     // "/PATH" of a unix socket, or "HOST:PORT"
  std::chrono::hours max_database_age{0};  // 0: any age will do
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds max_scan_time = std::chrono::minutes(2);  // from the first byte sent
};

class ClamdClient final : public Scanner {
public:
  explicit ClamdClient(ClamdOptions options);

  // What an old database finds is found; what it calls clean fails with old_database. So it does if
  // clamd can't tell how old its database is, having no official one.
  ScanResult scan(const mime::Rope& message) const override;

  // In words: what clamd says of itself, or why it can't be reached.
  std::string state() const override;

private:
  ScanResult check_age() const;

  const ClamdOptions options_;
};

}  // namespace pec::antivirus

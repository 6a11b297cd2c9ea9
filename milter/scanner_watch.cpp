// SPDX-License-Identifier: GPL-2.0-or-later

#include "scanner_watch.hpp"

#include "base/repeating.hpp"

#include <utility>

namespace pec::milter {

ScannerWatch::ScannerWatch(const Scanner* scanner, NodeStates& states, const Clock& clock,
                           std::string node, Log log, std::chrono::milliseconds every)
    : scanner_(scanner), report_(states, clock, std::move(node), "antivirus", std::move(log)) {
  look();
  thread_ = repeating(every, [this] { look(); });
}

void ScannerWatch::look() {
  if (!scanner_)
    return report_(false, "nothing is scanned for viruses: antivirus.engine is none, for trials");
  const auto result = scanner_->scan(mime::Rope("Subject: probe\r\n\r\nharmless\r\n"));
  const bool good = result.outcome != ScanResult::Outcome::failed;
  report_(good, good ? scanner_->state() : result.reason);
}

}  // namespace pec::milter

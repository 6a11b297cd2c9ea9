#include "scanner_watch.hpp"

#include "base/repeating.hpp"

#include <utility>

namespace pec::milter {

ScannerWatch::ScannerWatch(const Scanner& scanner, Ledger& ledger, const Clock& clock,
                           std::string node, Log log, std::chrono::milliseconds every)
    : scanner_(scanner),
      ledger_(ledger),
      clock_(clock),
      node_(std::move(node)),
      log_(std::move(log)) {
  look();
  thread_ = repeating(every, [this] { look(); });
}

void ScannerWatch::look() {
  const auto result = scanner_.scan(mime::Rope("Subject: probe\r\n\r\nharmless\r\n"));
  const bool good = result.outcome != ScanResult::Outcome::failed;
  const ComponentState now{node_, "antivirus", good, good ? scanner_.state() : result.reason,
                           clock_.now()};
  if (!told_ || told_->good != now.good || told_->text != now.text) {
    log_(now.good, now.text);
    told_ = now;
    noted_ = false;
  }
  if (noted_) return;
  if (auto noted = ledger_.note_state(*told_); !noted)
    log_(false, "its state is not in the ledger: " + noted.error().detail);
  else
    noted_ = true;
}

}  // namespace pec::milter

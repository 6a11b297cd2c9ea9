// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/notifier.hpp"

#include "base/text.hpp"
#include "base/utc.hpp"
#include "service/command.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace pec::policyd {

void Notifier::look() {
  const auto owed = blocks_.blocks_to_notify();
  if (!owed) return report_({false, "the ledger can't be asked: " + owed.error().detail});
  if (!options_.command.empty()) failures_ = tell_all(*owed);
  if (failures_.empty()) return report_({true, options_.good});
  report_({false, fmt::format("holders not told that their mailboxes are blocked: {}: {}; fix the "
                              "command of policy.notify_command, or tell them yourself",
                              failures_.size(), failures_.begin()->second.why)});
}

Notifier::Failures Notifier::tell_all(const std::vector<Mailbox>& mailboxes) {
  Failures left;
  for (const auto& mailbox : mailboxes) {
    const auto key = std::pair(mailbox.address, mailbox.status.since);
    const auto before = failures_.find(key);
    if (before != failures_.end() && std::chrono::steady_clock::now() < before->second.again) {
      left.insert(*before);
      continue;
    }
    const auto told = tell(mailbox);
    if (told) continue;
    spdlog::error("the holder of <{}> has not been told that it is blocked: {}",
                  text::printable(mailbox.address), told.error().detail);
    left[key] = {told.error().detail, std::chrono::steady_clock::now() + options_.again_after};
  }
  return left;
}

Result<void> Notifier::tell(const Mailbox& mailbox) {
  if (auto ran =
          service::run_command({options_.command, mailbox.address, utc_time(mailbox.status.since),
                                mailbox.status.reason, mailbox.contacts},
                               options_.limit);
      !ran)
    return ran;
  spdlog::info("the holder of <{}> was told that it is blocked", text::printable(mailbox.address));
  return blocks_.mark_told(mailbox);
}

}  // namespace pec::policyd

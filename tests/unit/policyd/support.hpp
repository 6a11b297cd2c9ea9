// Mailboxes in memory, for tests of what asks for them.
#pragma once

#include "pec/ports.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace pec {

class TestMailboxes final : public Mailboxes {
public:
  Result<MailboxStatus> mailbox(const std::string& address) const override {
    if (down) return unavailable("ledger down");
    ++asked;
    const auto found = known.find(address);
    return found == known.end() ? MailboxStatus{} : found->second;
  }
  Result<std::vector<SentMessage>> recent_submissions(const std::string& login,
                                                      std::uint64_t most) const override {
    if (down) return unavailable("ledger down");
    std::vector<SentMessage> found;
    for (const auto& each : submissions)
      if (each.login == login && found.size() < most) found.push_back(each);
    return found;
  }

  std::atomic<bool> down = false;
  mutable std::atomic<int> asked = 0;
  std::map<std::string, MailboxStatus> known;
  std::vector<SentMessage> submissions;  // newest first
};

class FixedClock final : public Clock {
public:
  Instant now() const noexcept override { return Instant{std::chrono::seconds{1795324282}}; }
};

}  // namespace pec

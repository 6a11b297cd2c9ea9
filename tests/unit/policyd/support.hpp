// SPDX-License-Identifier: GPL-2.0-or-later

// Mailboxes and logins in memory, and the policies that ask for them.
#pragma once

#include "policyd/login_policy.hpp"
#include "policyd/policy.hpp"
#include "support/test_clock.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pec {

class TestMailboxes final : public Mailboxes {
public:
  Result<MailboxStatus> mailbox(const std::string& address) const override {
    if (before_answering) before_answering();
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
  std::function<void()> before_answering;
  std::map<std::string, MailboxStatus> known;
  std::vector<SentMessage> submissions;  // newest first
};

class TestLogins final : public Logins {
public:
  Result<LoginFacts> login_facts(const LoginAttempt& attempt) const override {
    if (down) return unavailable("ledger down");
    const std::scoped_lock lock(mutex);
    LoginFacts facts;
    for (const auto& each : failed) {
      facts.of_account += each.account == attempt.account ? 1 : 0;
      facts.of_network += each.network == attempt.network ? 1 : 0;
    }
    facts.known = good.contains({attempt.account, attempt.network});
    return facts;
  }
  Result<void> note_login(const LoginAttempt& attempt, bool is_good) override {
    if (before_noting) before_noting();
    if (down) return unavailable("ledger down");
    const std::scoped_lock lock(mutex);
    if (is_good)
      good.emplace(attempt.account, attempt.network);
    else
      failed.push_back(attempt);
    return {};
  }
  std::size_t failures() const {
    const std::scoped_lock lock(mutex);
    return failed.size();
  }

  std::atomic<bool> down = false;
  std::function<void()> before_noting;
  mutable std::mutex mutex;
  std::vector<LoginAttempt> failed;
  std::set<std::pair<std::string, std::string>> good;
};

}  // namespace pec

namespace pec::policyd {

struct PolicyWorld {
  SendingLimits limits{.rate_messages = 1};
  TestMailboxes mailboxes;
  test::TestClock clock;
  Policy policy{mailboxes, clock, limits, Fallback::wait};
};

struct LoginWorld {
  TestLogins logins;
  test::TestClock clock;
  service::Alarms alarms{clock};
  LoginPolicy policy{logins, clock, alarms};
};

}  // namespace pec::policyd

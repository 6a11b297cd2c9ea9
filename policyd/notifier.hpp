// SPDX-License-Identifier: GPL-2.0-or-later

// Tells holders that their mailboxes are blocked, and tells `pecctl status` how pec-policyd does.
//
//     Notifier notifier(*ledger, report, {.command = "/usr/bin/pec-notify", .good = "listening"});
//     const auto thread = repeating(std::chrono::seconds(2), [&] { notifier.look(); });
//
// The command gets four arguments: the mailbox's address, the time when it was blocked
// (2026-11-22T09:31:22Z), the reason in English as `pecctl` shows it, and how to reach the holder
// (`pecctl mailbox set --contacts`; empty if not known). It sends the mail or the SMS. Only if it
// exits with 0, the ledger notes that the holder was told. Until then it runs again every
// `again_after`.
//
// A holder may be told twice, but always at least once. The command runs again if this node ends
// before the note, or if another node looks at the same moment.
//
// One thread at a time.
#pragma once

#include "pec/ports.hpp"
#include "service/state_report.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace pec::policyd {

struct NotifierOptions {
  std::string command{};  // absolute path; empty: nobody is told
  std::string good{};     // the report while all is well
  std::chrono::milliseconds limit = std::chrono::seconds(30);  // for one run of the command
  std::chrono::milliseconds again_after = std::chrono::minutes(1);
};

class Notifier {
public:
  Notifier(BlocksToNotify& blocks, service::StateReport report, NotifierOptions options)
      : blocks_(blocks), report_(std::move(report)), options_(std::move(options)) {}

  // Waits for the command.
  void look();

private:
  struct Failure {
    std::string why;
    std::chrono::steady_clock::time_point again;
  };
  using Failures = std::map<std::pair<std::string, Instant>, Failure>;

  Result<void> tell(const Mailbox& mailbox);
  Failures tell_all(const std::vector<Mailbox>& mailboxes);

  BlocksToNotify& blocks_;
  service::StateReport report_;
  const NotifierOptions options_;
  Failures failures_;  // holders still to be told
};

}  // namespace pec::policyd

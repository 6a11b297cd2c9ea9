// SPDX-License-Identifier: GPL-2.0-or-later

// Shared by the tests of pecctl's commands: a receipts service that writes down its input, and the
// times and names that the tests use.
#pragma once

#include "base/text.hpp"
#include "pec/copy_binding.hpp"
#include "pecctl/answer.hpp"
#include "pecctl/submit.hpp"
#include "support/domain_fixtures.hpp"
#include "support/test_clock.hpp"
#include "unit/ledger/support.hpp"

#include <functional>

namespace pec::pecctl {

inline const test::PlainAuthenticator host_group("group");
inline const test::PlainAuthenticator delivery_point("delivery");

// Replaces SMTP. Takes everything, unless `answer` says otherwise.
class Recorder final : public Submitter {
public:
  struct Mail {
    std::vector<InternalRecipient> internals;
    std::string message;
  };

  const std::string& sender() const override { return sender_; }

  Result<void> submit(const std::vector<std::string>& recipients,
                      std::string_view message) override {
    Mail mail{{}, std::string(message)};
    const auto copy = mime::split_message(mime::Bytes::of(std::string(message)));
    for (const auto& recipient : recipients) {
      auto internal = parse_internal_of(copy, recipient, test::morning, host_group, delivery_point);
      if (!internal) throw std::runtime_error(internal.error().detail);
      mail.internals.push_back(std::move(*internal));
    }
    seen.push_back(mail);
    return answer ? answer(mail) : Result<void>();
  }

  // The first recipients of all submitted mails, one after the other.
  std::vector<std::string> recipients() const {
    std::vector<std::string> all;
    for (const auto& mail : seen) all.push_back(mail.internals.front().recipient);
    return all;
  }

  std::vector<Mail> seen;  // also refused ones
  std::function<Result<void>(const Mail&)> answer;

private:
  std::string sender_ = "posta-certificata@pec.alfa.example";
};

// A ledger of the test's own.
struct LedgerWorld {
  TestFolder folder;
  std::unique_ptr<ledger::SqlLedger> ledger = open_ledger(folder);

  void report(const Incident& incident) { REQUIRE(ledger->record({{}, {}, {incident}})); }
};

// What an answer prints, without its last line end.
inline std::string text_of(const Result<Answer>& answer) {
  return text::join(answer.value().lines, "\n");
}

inline tl::unexpected<Error> service_says(Fault fault, std::string words) {
  return fail(fault, "temporarily unavailable", "receipts service 127.0.0.1:1: " + words);
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// Shared by the tests of the roles: a milter whose outside world is in memory, and a mail server
// that writes down all requests.
#pragma once

#include "milter/admission.hpp"
#include "milter/handling.hpp"
#include "support/domain_fixtures.hpp"
#include "support/test_clock.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pec::milter {

using namespace pec::test;

// Writes down each edit, in order. One edit may fail, and no other: code that drops its error goes
// on.
class RecordingQueueFile final : public QueueFile {
public:
  Result<void> delete_header(const std::string& name, int index) override {
    return note(fmt::format("delete {} {}", name, index));
  }
  Result<void> append_header(const std::string& name, const std::string& raw_value) override {
    header.add_raw(name, raw_value);
    return note("append " + name);
  }
  Result<void> replace_body(std::string_view chunk) override {
    body += chunk;
    return note("body");
  }
  Result<void> change_sender(const std::string& sender) override { return note("from " + sender); }
  Result<void> delete_recipient(const std::string& recipient) override {
    return note("drop " + recipient);
  }
  Result<void> add_recipient(const std::string& recipient) override {
    (looks_internal(recipient) ? internal_recipients : recipients).push_back(recipient);
    return note("add " + recipient);
  }
  void progress() override { ++progress_told; }

  std::vector<std::string> edits;
  std::size_t failing_edit = 0;  // counted from 1; 0: none fails
  int progress_told = 0;
  mime::HeaderList header;
  std::string body;
  std::vector<std::string> recipients, internal_recipients;

  mime::Message message() const { return message_of(header.wire() + "\r\n" + body); }

private:
  Result<void> note(std::string edit) {
    if (++asked_ == failing_edit) return unavailable("the mail server is gone");
    edits.push_back(std::move(edit));
    return {};
  }

  std::size_t asked_ = 0;
};

class CountingIds final : public IdSource {
public:
  std::string next(Instant) override { return fmt::format("20261122041122.n{}", ++count_); }

private:
  int count_ = 0;
};

class FixedDirectoryPort final : public pec::Directory {
public:
  std::shared_ptr<const DirectorySnapshot> snapshot() const override { return test::directory(); }
};

class MemoryLedger final : public MessageLog,
                           public Submissions,
                           public Mailboxes,
                           public NodeStates {
public:
  Result<void> record(const LedgerEntries& entries) override {
    if (down || records_nothing) return unavailable("ledger down", ErrorSource::ledger);
    recorded.push_back(entries);
    return {};
  }
  Result<SubmissionVerdict> record_submission(const LedgerEntries& entries,
                                              const SentMessage& submission,
                                              const SendingLimits&) override {
    if (auto done = record(entries); !done) return tl::unexpected(done.error());
    if (!verdict.refused) submissions.push_back(submission);
    return verdict;
  }
  Result<void> withdraw_submission(const std::string& pec_id) override {
    if (withdraws_nothing) return unavailable("ledger down", ErrorSource::ledger);
    std::erase_if(submissions,
                  [&](const SentMessage& submission) { return submission.pec_id == pec_id; });
    return {};
  }
  Result<ClaimedReceipt> claim_receipt(const ReceiptKey& key, const ReceiptIdentity& proposed,
                                       const LedgerEntries& entries) override {
    if (down || claims_nothing) return unavailable("ledger down", ErrorSource::ledger);
    if (ended) return ClaimedReceipt{};
    ClaimedReceipt claim;
    for (const auto& recipient : key.recipients)
      if (told.contains(recipient)) claim.told.push_back(recipient);
    if (claim.told.size() == key.recipients.size()) return claim;
    claimed.push_back(entries);
    claim.identity = identities.emplace(name_of(key), proposed).first->second;
    return claim;
  }
  Result<AliasClaim> claim_alias_receipt(const ReceiptKey& key, const ReceiptIdentity& proposed,
                                         const LedgerEntries& entries,
                                         const AliasReport& report) override {
    if (down || claims_nothing) return unavailable("ledger down", ErrorSource::ledger);
    auto& rows = behind_aliases[key.pec_id + "/" + report.alias];
    AliasClaim claim{judge(report, proposed.at, rows), {}};
    rows = claim.standing.rows;
    if (claim.standing.what != AliasStanding::What::due) return claim;
    auto claimed_now = claim_receipt(key, {proposed.message_id, claim.standing.at}, entries);
    if (!claimed_now) return tl::unexpected(claimed_now.error());
    claim.receipt = std::move(*claimed_now);
    return claim;
  }
  static std::string name_of(const ReceiptKey& key) {
    return key.pec_id + "/" + std::string(wire_name(key.kind)) + "/" +
           text::join(key.recipients, ",");
  }
  Result<std::optional<LedgerEvent>> envelope_event(const std::string& pec_id) const override {
    if (down) return unavailable("ledger down", ErrorSource::ledger);
    for (const auto* all : {&recorded, &claimed})
      for (const auto& entries : *all)
        for (const auto& event : entries.events)
          if (event.pec_id == pec_id && event.kind == EventKind::transport_envelope) return event;
    return std::nullopt;
  }
  Result<std::vector<LoggedMessage>> logged_messages(const std::string& pec_id,
                                                     EventKind kind) const override {
    if (down) return unavailable("ledger down", ErrorSource::ledger);
    std::vector<LoggedMessage> found;
    for (const auto* all : {&recorded, &claimed})
      for (const auto& entries : *all)
        for (const auto& event : entries.events)
          if (event.pec_id == pec_id && event.kind == kind &&
              (event.direction == Direction::received || kind == EventKind::transport_envelope))
            found.push_back({event.recipient, event.identity, event.at, event.generated_id});
    return found;
  }
  Result<std::optional<ReceiptIdentity>> issued_receipt(const ReceiptKey& key) const override {
    if (down) return unavailable("ledger down", ErrorSource::ledger);
    const auto found = identities.find(name_of(key));
    return found == identities.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::optional<DispatchStep::Step>> end_of_dispatch(
      const std::string& pec_id, const std::string& recipient) const override {
    if (down) return unavailable("ledger down", ErrorSource::ledger);
    const auto found = ends.find(pec_id + "/" + recipient);
    return found == ends.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::optional<std::string>> to_answer(const std::string&, const std::string& message_id,
                                               Instant) const override {
    if (down) return unavailable("ledger down", ErrorSource::ledger);
    const auto found = answers.find(message_id);
    return found == answers.end() ? std::nullopt : std::optional(found->second);
  }
  Result<void> add_counts(const std::string&,
                          const std::map<std::string, std::uint64_t>& more) override {
    if (down) return unavailable("ledger down", ErrorSource::ledger);
    for (const auto& [name, count] : more) counts[name] += count;
    return {};
  }
  Result<MailboxStatus> mailbox(const std::string& address) const override {
    if (down) return unavailable("ledger down", ErrorSource::ledger);
    if (const auto found = statuses.find(address); found != statuses.end()) return found->second;
    return MailboxStatus{.closed = closed_mailboxes.contains(address)};
  }
  Result<std::vector<SentMessage>> recent_submissions(const std::string&,
                                                      std::uint64_t) const override {
    if (down) return unavailable("ledger down", ErrorSource::ledger);
    return submissions;
  }
  Result<void> note_state(const ComponentState& state) override {
    if (down) return unavailable("ledger down", ErrorSource::ledger);
    states.insert_or_assign({state.node, state.component}, state);
    return {};
  }

  std::map<std::string, std::vector<AliasMailbox>> behind_aliases;  // "pec_id/alias"
  std::map<std::string, DispatchStep::Step> ends;                   // "pec_id/recipient"
  std::map<std::string, std::string> answers;  // addresses to write to, by the answered message
  std::map<std::string, std::uint64_t> counts;
  bool down = false;
  bool records_nothing = false;  // reads and claims of receipts still work
  bool claims_nothing = false;   // reads and records of entries still work
  bool withdraws_nothing = false;
  bool ended = false;          // every dispatch, and contrary to the receipt
  std::set<std::string> told;  // recipients named in other receipts
  std::vector<LedgerEntries> recorded, claimed;
  std::set<std::string> closed_mailboxes;
  std::map<std::string, MailboxStatus> statuses;  // of other mailboxes
  SubmissionVerdict verdict;                      // of each submission
  std::vector<SentMessage> submissions;
  std::map<std::pair<std::string, std::string>, ComponentState> states;
  std::map<std::string, ReceiptIdentity> identities;
};

// A table in memory; fails if a test wants it.
class MemoryAliases final : public Aliases {
public:
  Result<std::vector<std::string>> mailboxes_of(const std::string& address) const override {
    if (down) return unavailable("no table");
    const auto found = table.find(address);
    return found == table.end() ? std::vector{address} : found->second;
  }

  bool down = false;
  std::map<std::string, std::vector<std::string>> table;
};

// Mailboxes that are so full; fails if a test wants it, and counts the questions.
class MemoryQuotas final : public Quotas {
public:
  Result<std::vector<Quota>> of(const std::string& address) const override {
    asked.push_back(address);
    if (down) return unavailable("no Dovecot");
    const auto found = table.find(address);
    return found == table.end() ? std::vector<Quota>() : found->second;
  }

  bool down = false;
  std::map<std::string, std::vector<Quota>> table;
  mutable std::vector<std::string> asked;
};

// Finds the given virus in messages that hold "EICAR"; fails if a test wants it.
class MarkScanner final : public Scanner {
public:
  ScanResult scan(const mime::Rope& message) const override {
    ScanResult result;
    if (failure != ScanResult::Failure::none) {
      result.failure = failure;
      result.reason = "no database";
      return result;
    }
    const bool infected = message.str().find("EICAR") != std::string::npos;
    result.outcome = infected ? ScanResult::Outcome::infected : ScanResult::Outcome::clean;
    if (infected) result.virus = "Eicar-Test";
    return result;
  }

  std::string state() const override { return "finds marks"; }

  ScanResult::Failure failure = ScanResult::Failure::none;
};

class MemoryStore final : public VirusStore {
public:
  Result<void> keep(const KeptVirus& virus, const mime::Rope& message) const override {
    if (down) return unavailable("the virus store is full");
    const bool is_new = std::none_of(kept.begin(), kept.end(),
                                     [&](const auto& each) { return each.first.id == virus.id; });
    if (is_new) kept.emplace_back(virus, message.str());
    return {};
  }
  Result<void> has_room() const override {
    if (down) return unavailable("the virus store is full");
    return {};
  }

  bool down = false;
  mutable std::vector<std::pair<KeptVirus, std::string>> kept;
};

inline const Clock& fixed_clock() {
  static const TestClock clock(morning);
  return clock;
}

inline Identities alone(const Identity& us) {
  std::vector<SigningIdentity> all;
  all.push_back({us, "", std::make_unique<MarkSigner>(us)});
  return Identities(std::move(all));
}

struct MilterWorld {
  explicit MilterWorld(const Identity& us) : MilterWorld(alone(us)) {}
  explicit MilterWorld(Identities us)
      : services{.identities = std::move(us),
                 .legal_time = LegalTime("Europe/Rome"),
                 .limits = {},
                 .unscanned = {},
                 .filter = {},
                 .sending = {},
                 .temp_dir = "/tmp",
                 .clock = std::make_unique<TestClock>(morning),
                 .ids = std::make_unique<CountingIds>(),
                 .directory = std::make_unique<FixedDirectoryPort>(),
                 .verifier = std::make_unique<MarkVerifier>(),
                 .ledger = memory_,
                 .submissions = memory_,
                 .mailboxes = memory_,
                 .scanner = nullptr,
                 .virus_store = std::make_unique<MemoryStore>(),
                 .host_group = std::make_unique<PlainAuthenticator>("group"),
                 .delivery_point = std::make_unique<PlainAuthenticator>("delivery"),
                 .tally = std::make_unique<Tally>(fixed_clock()),
                 .aliases = nullptr} {}

  MemoryLedger& ledger() { return *memory_; }
  MarkVerifier& verifier() { return dynamic_cast<MarkVerifier&>(*services.verifier); }
  TestClock& clock() const { return dynamic_cast<TestClock&>(*services.clock); }
  // Recipients are as RCPT wrote them, unless the test says otherwise.
  Outcome run(Transaction transaction, RecordingQueueFile& queue_file) const {
    if (transaction.as_written.empty()) transaction.as_written = transaction.recipients;
    clock().advance(before_each);
    return handle(transaction, services, queue_file);
  }

  // What the mail server then has of a transaction that is accepted, as it must be.
  RecordingQueueFile accepted(Transaction transaction) const {
    RecordingQueueFile queue_file;
    const auto outcome = run(std::move(transaction), queue_file);
    INFO(outcome.log);
    REQUIRE(outcome.verdict == Outcome::Verdict::accept);
    return queue_file;
  }

private:
  std::shared_ptr<MemoryLedger> memory_ = std::make_shared<MemoryLedger>();

public:
  Services services;
  // An event and its consequence never have the same time: each transaction comes so much after the
  // one before.
  std::chrono::seconds before_each = std::chrono::minutes(1);
};

// The log of the sender's provider knows the envelope, as it does once the acceptance was made.
inline void enter_envelope(MilterWorld& world, const mime::Message& envelope) {
  const auto found = classified(envelope);
  world.ledger().claimed.push_back(
      {{log_event(found.message->data, EventKind::transport_envelope, Direction::issued, morning)},
       {}});
}

inline Transaction submission() {
  const auto smtp = simple_submission();
  return {Role::access, "4ABC",          smtp.login,
          smtp.sender,  smtp.recipients, message_of(simple_original)};
}

// A message that comes in from another host.
inline Transaction arriving(mime::Message message,
                            std::vector<std::string> recipients = {"bruno@pec.beta.example"},
                            std::string sender = "anna@pec.alfa.example") {
  return {Role::incoming, "I1", "", std::move(sender), std::move(recipients), std::move(message)};
}

// The copy of a message that Postfix delivers for internal recipients.
inline Transaction copy_of(mime::Message message, std::vector<std::string> internals,
                           std::string sender = "anna@pec.alfa.example") {
  return {Role::receipts, "R1", "", std::move(sender), std::move(internals), std::move(message)};
}

// A signed envelope in wrong form.
inline mime::Message malformed_envelope() {
  const auto whole = simple_envelope().wire().str();
  return message_of(text::replace_all(whole, "X-Trasporto: posta-certificata\r\n", ""));
}

using Verdict = Outcome::Verdict;

}  // namespace pec::milter

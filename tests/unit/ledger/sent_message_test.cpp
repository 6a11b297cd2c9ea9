// SPDX-License-Identifier: GPL-2.0-or-later

// The recent messages of logins, and mailboxes that are blocked for them.
#include "pec/mailbox_life.hpp"
#include "unit/ledger/support.hpp"

#include <array>
#include <thread>

using namespace pec;

namespace {

const std::string anna = "anna@alfa.example", bruno = "bruno@alfa.example";

SentMessage sent(const std::string& id, long long when, SpamLevel level = SpamLevel::not_spam,
                 const std::string& login = anna) {
  return {id, login, at(when), 2, level, "print"};
}

// With any limits; spam does not block.
void enter(ledger::SqlLedger& ledger, const std::vector<SentMessage>& messages) {
  for (const auto& message : messages)
    REQUIRE(ledger.record_submission({}, message, {}) == SubmissionVerdict{});
}

void change(ledger::SqlLedger& ledger, const Result<Mailbox>& after) {
  REQUIRE(after);
  const auto before = ledger.find_mailbox(after->address).value();
  CHECK(ledger.change_mailboxes({{before, *after, {after->address, at(0), "test", ""}}}) == true);
}

// The answers to logins that each send `each` messages at once with the others.
std::vector<SubmissionVerdict> sent_at_once(const std::vector<ledger::SqlLedger*>& nodes, int each,
                                            SpamLevel level, const SendingLimits& limits) {
  std::vector<std::vector<SubmissionVerdict>> of_each(nodes.size());
  {
    std::vector<std::jthread> sessions;
    for (std::size_t n = 0; n < nodes.size(); ++n)
      sessions.emplace_back([&, n] {
        for (int i = 0; i < each; ++i) {
          const auto id = std::to_string(n) + "." + std::to_string(i);
          of_each[n].push_back(
              nodes[n]->record_submission({}, sent(id, 1000, level), limits).value());
        }
      });
  }
  std::vector<SubmissionVerdict> all;
  for (const auto& some : of_each) all.insert(all.end(), some.begin(), some.end());
  return all;
}

using Sent = std::vector<SentMessage>;

}  // namespace

TEST_CASE("the newest messages of a login come first, as many as are wanted") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(ledger->recent_submissions(anna, 5) == Sent{});
  const auto first = sent("a", 100), second = sent("b", 200, SpamLevel::suspected),
             third = sent("c", 300, SpamLevel::spam);
  enter(*ledger, {second, sent("x", 250, SpamLevel::spam, bruno)});
  enter(*ledger, {first, third});
  CHECK(ledger->recent_submissions(anna, 5) == Sent{third, second, first});
  CHECK(ledger->recent_submissions(anna, 2) == Sent{third, second});
  CHECK(ledger->recent_submissions(anna, 0) == Sent{});
}

TEST_CASE("a message that is entered again counts once") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const SendingLimits one{.rate_messages = 1};
  for (int i = 0; i < 3; ++i)
    CHECK(ledger->record_submission({}, sent("a", 100), one) == SubmissionVerdict{});
  CHECK(ledger->recent_submissions(anna, 5)->size() == 1);
}

TEST_CASE("one that is withdrawn does not count, nor one that a notice refused", "[rule:2]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const SendingLimits one{.rate_messages = 1};
  auto notice = sent("notice", 100, SpamLevel::spam);
  notice.accepted = false;
  CHECK(ledger->record_submission({}, notice, one) == SubmissionVerdict{});
  CHECK(ledger->recent_submissions(anna, 5) == Sent{});
  CHECK(ledger->record_submission({}, sent("a", 100), one) == SubmissionVerdict{});
  CHECK(ledger->record_submission({}, sent("b", 100), one)->refused ==
        put_off(std::chrono::hours(1)));
  CHECK(ledger->record_submission({}, notice, one) == SubmissionVerdict{});
  REQUIRE(ledger->withdraw_submission("a"));
  CHECK(ledger->record_submission({}, sent("b", 100), one) == SubmissionVerdict{});
}

TEST_CASE("a refused message leaves nothing in the ledger", "[rule:2]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const SendingLimits one{.rate_messages = 1};
  enter(*ledger, {sent("a", 100)});
  CHECK(ledger->record_submission(only(sample_event("b")), sent("b", 100), one)->refused);
  CHECK(ledger->events_of("b")->empty());
  CHECK(ledger->record_submission(only(sample_event("b")), sent("b", 100 + 3600), one) ==
        SubmissionVerdict{});
  CHECK(ledger->events_of("b")->size() == 1);
}

TEST_CASE("the rate holds exactly, however many sessions and nodes send at once", "[rule:2]") {
  const TestDatabase database;
  const std::array nodes{open_ledger(database), open_ledger(database)};
  std::vector<ledger::SqlLedger*> sessions;
  for (int i = 0; i < 10; ++i) sessions.push_back(nodes[static_cast<std::size_t>(i % 2)].get());
  SECTION("of messages") {
    const auto verdicts = sent_at_once(sessions, 3, SpamLevel::not_spam, {.rate_messages = 5});
    CHECK(std::count(verdicts.begin(), verdicts.end(), SubmissionVerdict{}) == 5);
  }
  SECTION("of recipients, two in each") {
    const auto verdicts = sent_at_once(sessions, 3, SpamLevel::not_spam, {.rate_recipients = 11});
    CHECK(std::count(verdicts.begin(), verdicts.end(), SubmissionVerdict{}) == 5);
  }
  CHECK(nodes[0]->recent_submissions(anna, 100)->size() == 5);
}

TEST_CASE("spam that comes at once blocks the mailbox at the first that is too much", "[rule:2]") {
  const TestDatabase database;
  const std::array nodes{open_ledger(database), open_ledger(database)};
  std::vector<ledger::SqlLedger*> sessions;
  for (int i = 0; i < 10; ++i) sessions.push_back(nodes[static_cast<std::size_t>(i % 2)].get());
  const auto verdicts = sent_at_once(sessions, 3, SpamLevel::spam, {.spam_messages = 5});
  CHECK(std::count(verdicts.begin(), verdicts.end(), SubmissionVerdict{}) == 5);
  CHECK(std::count(verdicts.begin(), verdicts.end(),
                   SubmissionVerdict{.blocked = "6 messages of spam in one hour"}) == 1);
  const auto refusal =
      refuse_sender({MailboxState::blocked, false, {}, "6 messages of spam in one hour"});
  CHECK(std::count(verdicts.begin(), verdicts.end(), SubmissionVerdict{refusal}) == 24);
  CHECK(nodes[1]->mailbox(anna)->state == MailboxState::blocked);
}

TEST_CASE("spam counts for an hour, and by login", "[rule:2]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const SendingLimits two{.spam_messages = 2};
  enter(*ledger, {sent("a", 100, SpamLevel::spam), sent("b", 200, SpamLevel::spam),
                  sent("c", 300, SpamLevel::suspected), sent("d", 300),
                  sent("e", 300, SpamLevel::spam, bruno)});
  CHECK_FALSE(ledger->record_submission({}, sent("f", 300, SpamLevel::suspected), two)->blocked);
  CHECK_FALSE(ledger->record_submission({}, sent("g", 3700, SpamLevel::spam), two)->blocked);
  CHECK(ledger->record_submission({}, sent("h", 3701, SpamLevel::spam), two)->blocked ==
        "3 messages of spam in one hour");
  CHECK(ledger->mailbox(bruno)->state == MailboxState::active);
}

TEST_CASE("a series of nearly identical messages blocks the mailbox with its last one",
          "[rule:2]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const SendingLimits three{.series_messages = 3};
  CHECK_FALSE(ledger->record_submission({}, sent("a", 100), three)->blocked);
  CHECK_FALSE(ledger->record_submission({}, sent("b", 200), three)->blocked);
  CHECK(ledger->record_submission({}, sent("c", 300), three)->blocked ==
        "3 messages in a row that are nearly the same, at regular intervals");
}

TEST_CASE("viruses count for a day, by login, with their octets, and what is under way is judged",
          "[rule:3.1.3]") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  constexpr long long day = 24 * 3600;
  const auto blocked = [&](const std::string& id, long long when, std::uint64_t octets,
                           const std::string& login = anna) {
    auto message = sent(id, when, SpamLevel::not_spam, login);
    message.infected_octets = octets;
    message.accepted = false;
    const auto verdict = ledger->record_submission(
        {}, message, {.infected_messages = 2, .infected_octets = 5'000'000'000});
    REQUIRE(verdict);
    CHECK_FALSE(verdict->refused);
    return verdict->blocked.value_or("");
  };
  CHECK(blocked("a", 100, 4'999'999'999) == "");
  CHECK(blocked("x", 100, 3, bruno) == "");
  CHECK(blocked("b", 100 + day, 2) == "");  // the first one is a day old
  CHECK(blocked("c", 101 + day, 2) == "");
  CHECK_THAT(blocked("d", 102 + day, 2), Catch::StartsWith("3 messages with viruses"));
  CHECK(blocked("e", 103 + day, 2) == "");  // it was under way, and is answered by its notice

  CHECK(blocked("y", 102, 5'000'000'000 - 3, bruno) == "");
  CHECK_FALSE(blocked("z", 103, 1, bruno).empty());
}

TEST_CASE("messages older than a day are deleted with the login's next message") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  enter(*ledger, {sent("a", 100), sent("b", 101), sent("x", 100, SpamLevel::not_spam, bruno)});
  enter(*ledger, {sent("c", 101 + 24 * 3600)});
  CHECK(ledger->recent_submissions(anna, 5)->size() == 2);
  CHECK(ledger->recent_submissions(bruno, 5)->size() == 1);
}

TEST_CASE("an active mailbox is blocked once, and its holder is owed a word") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  REQUIRE(set_closed(*ledger, anna, true));
  const auto why = "1 messages of spam in one hour";
  CHECK(block(*ledger, anna, at(100)) == SubmissionVerdict{.blocked = why});
  CHECK(block(*ledger, anna, at(200))->refused);
  CHECK(ledger->mailbox(anna) == MailboxStatus{MailboxState::blocked, true, at(100), why});
  CHECK(ledger->mailbox(bruno) == MailboxStatus{});

  const auto owed = ledger->find_mailbox(anna).value().value();
  CHECK(ledger->blocks_to_notify() == std::vector{owed});
  REQUIRE(ledger->mark_told(owed));
  CHECK(ledger->blocks_to_notify()->empty());
}

TEST_CASE("one that is unblocked may be blocked again; a revoked one isn't") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(block(*ledger, anna, at(100))->blocked);
  REQUIRE(ledger->mark_told(ledger->find_mailbox(anna).value().value()));
  change(*ledger, unblocked(*ledger->find_mailbox(anna).value(), at(200)));
  CHECK(ledger->mailbox(anna)->state == MailboxState::active);
  CHECK(block(*ledger, anna, at(300))->blocked);
  CHECK(ledger->blocks_to_notify()->size() == 1);
  change(*ledger, revoked(*ledger->find_mailbox(anna).value(), "contract ended", at(400)));
  CHECK(block(*ledger, anna, at(600))->refused ==
        refuse_sender({MailboxState::revoked, false, {}, "contract ended"}));
  CHECK(ledger->mailbox(anna) ==
        MailboxStatus{MailboxState::revoked, false, at(400), "contract ended"});
  CHECK(ledger->blocks_to_notify()->empty());
}

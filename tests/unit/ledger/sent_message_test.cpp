// What logins have sent lately, and mailboxes that are blocked for it.
#include "pec/mailbox_life.hpp"
#include "support.hpp"

using namespace pec;

namespace {

const std::string anna = "anna@alfa.example", bruno = "bruno@alfa.example";

SentMessage sent(const std::string& id, long long when, SpamLevel level = SpamLevel::not_spam,
                 const std::string& login = anna) {
  return {id, login, at(when), 2, level, "print"};
}

void enter(SqlLedger& ledger, std::vector<SentMessage> messages) {
  LedgerEntries entries;
  entries.submissions = std::move(messages);
  REQUIRE(ledger.record(entries));
}

void change(SqlLedger& ledger, const Result<Mailbox>& after) {
  REQUIRE(after);
  const auto before = ledger.find_mailbox(after->address).value();
  CHECK(ledger.change_mailboxes({{before, *after, {after->address, at(0), "test", ""}}}) == true);
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
  for (int i = 0; i < 3; ++i) enter(*ledger, {sent("a", 100, SpamLevel::spam)});
  CHECK(ledger->recent_submissions(anna, 5)->size() == 1);
  CHECK(ledger->spam_since(anna, at(0)) == 1U);
}

TEST_CASE("spam counts after the instant, and by login") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  enter(*ledger, {sent("a", 100, SpamLevel::spam), sent("b", 200, SpamLevel::spam),
                  sent("c", 300, SpamLevel::suspected), sent("d", 300),
                  sent("e", 300, SpamLevel::spam, bruno)});
  CHECK(ledger->spam_since(anna, at(0)) == 2U);
  CHECK(ledger->spam_since(anna, at(100)) == 1U);
  CHECK(ledger->spam_since(anna, at(200)) == 0U);
  CHECK(ledger->spam_since(bruno, at(0)) == 1U);
}

TEST_CASE("viruses count after the instant, and by login, with their octets") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  const auto infected = [](const std::string& id, long long when, std::uint64_t octets,
                           const std::string& login = anna) {
    auto message = sent(id, when, SpamLevel::not_spam, login);
    message.infected_octets = octets;
    return message;
  };
  CHECK(ledger->infected_since(anna, at(0)) == InfectedSent{});
  enter(*ledger, {infected("a", 100, 7), infected("b", 200, 5'000'000'000), sent("c", 200),
                  infected("x", 200, 3, bruno)});
  CHECK(ledger->infected_since(anna, at(0)) == InfectedSent{2, 5'000'000'007});
  CHECK(ledger->infected_since(anna, at(100)) == InfectedSent{1, 5'000'000'000});
  CHECK(ledger->infected_since(bruno, at(0)) == InfectedSent{1, 3});
  CHECK(ledger->recent_submissions(anna, 5)->back().infected_octets == 7);
}

TEST_CASE("what is older than a day goes with the login's next message") {
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
  CHECK(ledger->block(anna, "181 messages of spam", at(100)) == true);
  CHECK(ledger->block(anna, "182 messages of spam", at(200)) == false);
  CHECK(ledger->mailbox(anna) ==
        MailboxStatus{MailboxState::blocked, true, at(100), "181 messages of spam"});
  CHECK(ledger->mailbox(bruno) == MailboxStatus{});

  const auto owed = ledger->find_mailbox(anna).value().value();
  CHECK(ledger->untold_blocks() == std::vector{owed});
  REQUIRE(ledger->mark_told(owed));
  CHECK(ledger->untold_blocks()->empty());
}

TEST_CASE("one that is unblocked may be blocked again; a revoked one isn't") {
  const TestDatabase database;
  const auto ledger = open_ledger(database);
  CHECK(ledger->block(anna, "first", at(100)) == true);
  REQUIRE(ledger->mark_told(ledger->find_mailbox(anna).value().value()));
  change(*ledger, unblocked(*ledger->find_mailbox(anna).value(), at(200)));
  CHECK(ledger->mailbox(anna)->state == MailboxState::active);
  CHECK(ledger->block(anna, "second", at(300)) == true);
  CHECK(ledger->untold_blocks()->size() == 1);
  change(*ledger, revoked(*ledger->find_mailbox(anna).value(), "contract ended", at(400)));
  CHECK(ledger->block(anna, "third", at(600)) == false);
  CHECK(ledger->mailbox(anna) ==
        MailboxStatus{MailboxState::revoked, false, at(400), "contract ended"});
  CHECK(ledger->untold_blocks()->empty());
}

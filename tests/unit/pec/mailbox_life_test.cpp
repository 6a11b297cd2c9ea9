// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/mailbox_life.hpp"

#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;
using Catch::Contains;
using std::chrono::days;
using std::chrono::seconds;

namespace {

const Instant start{seconds{1795324282}};  // 2026-11-22
const std::string anna = "anna@alfa.example";

Mailbox account() {
  auto mailbox = added(std::nullopt, anna, "Anna Verdi", "anna@casa.example", start).value();
  mailbox.password = "{CRYPT}$y$x";
  return mailbox;
}

template <class T>
std::string refusal(const Result<T>& result) {
  REQUIRE_FALSE(result);
  CHECK(result.error().fault == Fault::bad_input);
  CHECK_THAT(result.error().detail, Catch::StartsWith(anna + ": "));
  return result.error().detail;
}

}  // namespace

TEST_CASE("a mailbox is added once") {
  const auto mailbox = account();
  CHECK(mailbox.status.state == MailboxState::active);
  CHECK(mailbox.created == start);
  CHECK(mailbox.home == anna);
  CHECK_THAT(refusal(added(mailbox, anna, "Bruno", "", start)), Contains("it is there already"));
}

TEST_CASE("states set before a mailbox was added stay") {
  Mailbox known{.address = anna};
  known.status.closed = true;
  CHECK(added(known, anna, "Anna", "", start)->status.closed);
  known.status.state = MailboxState::blocked;
  CHECK_THAT(refusal(added(known, anna, "Anna", "", start)), Contains("blocked or revoked"));
}

TEST_CASE("a blocked mailbox has no password until it is unblocked and given a new one") {
  const auto after = value_of(blocked(account(), "spam", start + days{1}));
  CHECK(after.status == MailboxStatus{MailboxState::blocked, false, start + days{1}, "spam"});
  CHECK(after.password.empty());
  CHECK_THAT(refusal(may_have_password(after)), Contains("unblock it first"));
  CHECK_THAT(refusal(blocked(after, "more", start)), Contains("since 2026-11-23: spam"));
  const auto again = value_of(unblocked(after, start + days{2}));
  CHECK(again.status.state == MailboxState::active);
  CHECK(again.password.empty());
  CHECK(may_have_password(again));
  CHECK_THAT(refusal(unblocked(again, start)), Contains("it is not blocked"));
}

TEST_CASE("a mailbox is renamed in its first ten days, and its old name stays reserved") {
  const std::string fresh = "anna.verdi@alfa.example";
  const auto both =
      value_of(renamed(account(), fresh, std::nullopt, start + days{10} - seconds{1}));
  CHECK(both.new_name.address == fresh);
  CHECK(both.new_name.home == anna);  // its mail stays where it is
  CHECK(both.new_name.password == account().password);
  CHECK(both.old_name.address == anna);
  CHECK(both.old_name.status.state == MailboxState::retired);
  CHECK(both.old_name.status.renamed_to == fresh);
  CHECK(both.old_name.password.empty());
  CHECK_THAT(refusal(added(both.old_name, anna, "Another", "", start)),
             Contains("the old name of anna.verdi@alfa.example, and stays reserved"));

  CHECK_THAT(refusal(renamed(account(), fresh, std::nullopt, start + days{10})),
             Contains("could be renamed until 2026-12-02"));
  CHECK_FALSE(renamed(account(), fresh, std::optional(account()), start));
  CHECK_THAT(refusal(renamed(Mailbox{.address = anna}, fresh, std::nullopt, start)),
             Contains("not an account of ours"));
  CHECK_FALSE(renamed(*revoked(account(), "", start), fresh, std::nullopt, start));
}

TEST_CASE("a revoked mailbox may be restored for 185 days, and then purged") {
  const auto gone = value_of(revoked(account(), "contract ended", start));
  CHECK_FALSE(sends(gone.status.state));
  CHECK_FALSE(receives(gone.status.state));
  CHECK(gone.password == account().password);  // its holder may still read it
  CHECK_THAT(refusal(revoked(gone, "", start)), Contains("revoked already"));
  const auto last = start + days{185} - seconds{1};
  CHECK(restored(gone, last)->status.state == MailboxState::active);
  CHECK_THAT(refusal(purged(gone, last)), Contains("must be kept until 2027-05-26"));
  CHECK_THAT(refusal(restored(gone, last + seconds{1})), Contains("can't be restored any more"));
  const auto purge = value_of(purged(gone, last + seconds{1}));
  CHECK(purge.status.state == MailboxState::retired);
  CHECK(purge.password.empty());
  CHECK_THAT(refusal(added(purge, anna, "Another", "", last)), Contains("never given out again"));
  for (const auto& refused : {restored(purge, last), revoked(purge, "", last),
                              blocked(purge, "", last), purged(purge, last)})
    CHECK_THAT(refusal(refused), Contains("it was purged on 2027-05-26"));
  CHECK_THAT(refusal(purged(account(), last)), Contains("revoke it first"));
  CHECK_THAT(refusal(restored(account(), start)), Contains("it is not revoked"));
}

TEST_CASE("the state of somebody else's account is ours, but not its password") {
  const Mailbox foreign{.address = anna};
  CHECK(blocked(foreign, "spam", start)->status.state == MailboxState::blocked);
  CHECK(revoked(foreign, "", start)->status.state == MailboxState::revoked);
  CHECK_THAT(refusal(may_have_password(foreign)), Contains("where it is kept"));
}

// SPDX-License-Identifier: GPL-2.0-or-later

// The door of Sieve's own mail.
#include "milter/sieve_role.hpp"

#include "support/results.hpp"
#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;

namespace {

Transaction from_sieve(const std::string& sender, const std::string& recipient,
                       mime::Message message) {
  return {Role::sieve, "S1", "", sender, {recipient}, std::move(message)};
}

}  // namespace

TEST_CASE("Sieve's mail to outside leaves as it is", "[rule:5]") {
  const MilterWorld world(beta);
  for (const std::string sender : {"", "anna@pec.alfa.example"}) {
    RecordingQueueFile queue_file;
    const auto outcome = world.run(
        from_sieve(sender, "gianni@ordinaria.example", message_of(simple_original)), queue_file);
    CHECK(outcome.verdict == Verdict::accept);
    CHECK(queue_file.edits.empty());
    CHECK_THAT(outcome.log, Catch::Contains("role=sieve action=keep"));
  }
}

TEST_CASE("Sieve's mail to a mailbox of ours comes in like mail from outside", "[rule:5]") {
  MilterWorld world(beta);
  RecordingQueueFile queue_file;
  auto transaction = from_sieve("", "bruno@pec.beta.example", message_of(simple_original));
  CHECK(world.run(transaction, queue_file).verdict == Verdict::accept);
  CHECK(queue_file.header.unfolded("X-Trasporto") == "errore");

  world.ledger().closed_mailboxes = {"bruno@pec.beta.example"};
  transaction.recipients.clear();
  CHECK_FALSE(admit(transaction, "bruno@pec.beta.example", world.services));
  transaction.recipients = {"bruno@pec.beta.example"};
  RecordingQueueFile closed;
  CHECK(world.run(transaction, closed).reply.code == "550");
}

TEST_CASE("nobody's vacation answers a provider's own address", "[rule:5][rule:2.2.5]") {
  const MilterWorld world(beta);
  for (const auto& address : {alfa.address, beta.address, "ricevute@" + alfa.domain}) {
    auto transaction = from_sieve("", "", message_of(simple_original));
    transaction.recipients.clear();
    const auto refusal = value_of(admit(transaction, address, world.services));
    CHECK(refusal.reply.code == "550");
  }
}

TEST_CASE("Sieve's mail has one recipient, so that it goes one way") {
  const MilterWorld world(beta);
  auto transaction = from_sieve("", "gianni@ordinaria.example", message_of(simple_original));
  const auto refusal = value_of(admit(transaction, "bruno@pec.beta.example", world.services));
  CHECK(refusal.reply.code == "452");
}

TEST_CASE("a receipt that is redirected comes back to no provider", "[rule:5]") {
  const MilterWorld world(beta);
  RecordingQueueFile queue_file;
  CHECK(world
            .run(from_sieve(alfa.address, "gianni@ordinaria.example", message_of(simple_original)),
                 queue_file)
            .verdict == Verdict::accept);
  CHECK(queue_file.edits == std::vector<std::string>{"from ", "drop gianni@ordinaria.example",
                                                     "add gianni@ordinaria.example"});
}

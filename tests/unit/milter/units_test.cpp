// SPDX-License-Identifier: GPL-2.0-or-later

// A provider with a secondary unit: the issuers and signers (RFC 6109, 4.5.7).
#include "pec/copy_binding.hpp"
#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;

namespace {

const Identity unit2{beta.provider, "unit.beta.example", "posta-certificata@unit.beta.example"};

MilterWorld beta_with_unit() {
  std::vector<SigningIdentity> all;
  all.push_back({beta, "", std::make_unique<MarkSigner>(beta)});
  // The unit shares the provider's certificate; FixedDirectory has it so.
  all.push_back({unit2, "Unit 2", std::make_unique<MarkSigner>(beta)});
  return MilterWorld(Identities(std::move(all)));
}

mime::Message original(const std::string& from, const std::string& to) {
  return message_of("From: " + from + "\r\nTo: " + to +
                    "\r\nDate: Sun, 22 Nov 2026 05:11:00 +0100\r\nSubject: Prova\r\n\r\nx\r\n");
}

// The queue file after `from` has submitted to `to`.
RecordingQueueFile submitted(const MilterWorld& world, const std::string& from,
                             const std::string& to) {
  RecordingQueueFile queue_file;
  REQUIRE(
      world.run({Role::access, "A1", from, from, {to}, original(from, to)}, queue_file).verdict ==
      Verdict::accept);
  return queue_file;
}

std::string from_of(const RecordingQueueFile& queue_file) {
  return mime::parse_addresses(queue_file.message().header.find("From")->value).front().address;
}

}  // namespace

TEST_CASE("the sender's domain chooses the identity that signs", "[rule:8.4]") {
  const auto world = beta_with_unit();
  const auto by_main = submitted(world, "bice@pec.beta.example", "anna@pec.alfa.example");
  CHECK(from_of(by_main) == beta.address);
  CHECK(by_main.message().header.unfolded("Message-ID").ends_with("@pec.beta.example>"));

  const auto by_unit = submitted(world, "ugo@unit.beta.example", "anna@pec.alfa.example");
  CHECK(from_of(by_unit) == unit2.address);
  CHECK(by_unit.message().header.unfolded("Message-ID").ends_with("@unit.beta.example>"));
  CHECK(classified(by_unit.message()).what == IncomingClass::correct);

  const auto acceptance = world.accepted(
      copy_of(by_unit.message(), {by_unit.internal_recipients[0]}, "ugo@unit.beta.example"));
  CHECK(from_of(acceptance) == unit2.address);
  CHECK(acceptance.recipients == std::vector<std::string>{"ugo@unit.beta.example"});
}

TEST_CASE("the unit makes the receipts for its mailboxes", "[rule:8.4]") {
  MilterWorld sender(alfa);
  const auto receiver = beta_with_unit();
  const auto envelope = submitted(sender, "anna@pec.alfa.example", "ugo@unit.beta.example");
  const auto incoming = receiver.accepted(arriving(envelope.message(), {"ugo@unit.beta.example"}));
  REQUIRE(incoming.internal_recipients.size() == 1);
  const auto receipt = receiver.accepted(copy_of(envelope.message(), incoming.internal_recipients));
  CHECK(from_of(receipt) == unit2.address);

  // It comes back to alfa, and is believed.
  sender.accepted(arriving(receipt.message(), receipt.recipients, unit2.address));
  REQUIRE(sender.ledger().recorded.size() == 1);
  CHECK(sender.ledger().recorded.front().steps.size() == 1);
}

TEST_CASE("a receipt for a unit's message is believed at every door of the provider",
          "[rule:8.4]") {
  auto sender = beta_with_unit();
  MilterWorld receiver(alfa);
  const auto envelope = submitted(sender, "ugo@unit.beta.example", "anna@pec.alfa.example");
  const auto incoming = receiver.accepted(
      arriving(envelope.message(), {"anna@pec.alfa.example"}, "ugo@unit.beta.example"));
  const auto receipt = receiver.accepted(
      copy_of(envelope.message(), incoming.internal_recipients, "ugo@unit.beta.example"));
  CHECK(receipt.recipients == std::vector<std::string>{"ricevute@unit.beta.example"});
  // The unit's service mailbox may be in the domain of the main entry.
  const auto mailbox =
      GENERATE(std::string("ricevute@unit.beta.example"), "ricevute@pec.beta.example");
  sender.accepted(arriving(receipt.message(), {mailbox}, alfa.address));
  REQUIRE(sender.ledger().recorded.size() == 1);
  CHECK(sender.ledger().recorded.front().steps.size() == 1);
}

TEST_CASE("our names may be written in any case", "[rule:8.4]") {
  const Identity main_entry{"PEC BETA S.R.L.", beta.domain, beta.address};
  const Identity unit_entry{"PEC BETA S.R.L.", unit2.domain, unit2.address};
  std::vector<SigningIdentity> all;
  all.push_back({main_entry, "", std::make_unique<MarkSigner>(beta)});
  all.push_back({unit_entry, "UNIT 2", std::make_unique<MarkSigner>(beta)});
  MilterWorld world{Identities(std::move(all))};
  const std::string ugo = "ugo@unit.beta.example", bice = "bice@pec.beta.example";
  const auto envelope = submitted(world, ugo, bice);
  CHECK(from_of(envelope) == unit2.address);
  REQUIRE(envelope.internal_recipients.size() == 2);
  const auto made = [&](const std::string& internal) {
    const auto receipt = world.accepted(copy_of(envelope.message(), {internal}, ugo));
    return receipt;
  };
  CHECK(from_of(made(envelope.internal_recipients[0])) == unit2.address);
  CHECK(made(envelope.internal_recipients[1]).recipients ==
        std::vector<std::string>{"ricevute@unit.beta.example"});

  // The log says what one of our own receipts is that comes again, however the dispatch has ended.
  const auto pec_id = classified(envelope.message(), beta).message->data.pec_id;
  const auto delivery = made(*format_internal({InternalEvent::delivery, bice, morning}, pec_id,
                                              *world.services.delivery_point))
                            .message();
  world.ledger().ends = {{pec_id + "/" + bice, DispatchStep::Step::failed}};
  const auto again = world.accepted(arriving(delivery, {ugo}, beta.address));
  CHECK(again.edits.empty());

  // One that could not be handed over is ours to send again, whosever message it is about.
  MilterWorld sender(alfa);
  const auto theirs = submitted(sender, "anna@pec.alfa.example", ugo).message();
  RecordingQueueFile sent;
  const auto incoming = world.accepted(arriving(theirs, {ugo}));
  const auto taken = world.accepted(copy_of(theirs, incoming.internal_recipients));
  const auto lost = *format_internal({InternalEvent::sent_again, ugo, morning},
                                     binding_of(InternalEvent::sent_again, taken.message()),
                                     *world.services.host_group);
  CHECK(world.run(copy_of(taken.message(), {lost}, beta.address), sent).verdict == Verdict::accept);
  CHECK(sent.recipients == std::vector<std::string>{"ricevute@pec.alfa.example"});
}

// SPDX-License-Identifier: GPL-2.0-or-later

// A receipt that could not be handed over is sent once more.
#include "pec/compose.hpp"
#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;
using Catch::Contains;
using Names = std::vector<std::string>;

namespace {

mime::Message receipt(EventKind kind, const Identity& signer) {
  auto data = classified(simple_envelope()).message->data;
  data.kind = kind;
  data.provider = signer.provider;
  if (kind == EventKind::take_charge)
    data.taken_in_charge = {"bruno@pec.beta.example"};
  else if (kind == EventKind::delivery)
    data.concerns = "bruno@pec.beta.example";
  else
    data.receipt_form.reset();
  ReceiptContents contents;
  contents.letter = kind == EventKind::take_charge ? Letter::take_charge
                    : kind == EventKind::delivery  ? Letter::delivery_concise
                                                   : Letter::acceptance;
  contents.data = data;
  contents.stamp = stamp_of(morning);
  contents.message_id = "r1@" + signer.domain;
  contents.to = "anna@pec.alfa.example";
  return sent(compose_receipt(contents, signer), signer);
}

Transaction again(mime::Message message, const MilterWorld& world, const std::string& bound_to) {
  const auto internal =
      *format_internal({InternalEvent::sent_again, "bruno@pec.beta.example", morning}, bound_to,
                       *world.services.host_group);
  return copy_of(std::move(message), {internal}, alfa.address);
}

}  // namespace

TEST_CASE("a receipt goes out again as it was, to its recipient", "[rule:6]") {
  struct Row {
    EventKind kind;
    Identity issuer, here;
    std::string to;
  };
  const auto row = GENERATE(values<Row>({
      {EventKind::acceptance, alfa, alfa, "anna@pec.alfa.example"},
      {EventKind::delivery, beta, alfa, "anna@pec.alfa.example"},
      {EventKind::delivery, beta, beta, "anna@pec.alfa.example"},
      {EventKind::take_charge, beta, beta, "ricevute@pec.alfa.example"},
      {EventKind::take_charge, beta, alfa, "ricevute@pec.alfa.example"},
  }));
  MilterWorld world(row.here);
  RecordingQueueFile queue_file;
  const auto outcome =
      world.run(again(receipt(row.kind, row.issuer), world, "r1@" + row.issuer.domain), queue_file);
  CAPTURE(outcome.log);
  CHECK(outcome.verdict == Verdict::accept);
  CHECK_FALSE(outcome.alert);
  CHECK(queue_file.header.empty());
  CHECK(queue_file.body.empty());
  CHECK(queue_file.edits.front() == "from " + row.issuer.address);
  CHECK(queue_file.recipients == Names{row.to});
  CHECK_THAT(outcome.log, Contains("sent again"));
}

TEST_CASE("only a receipt is sent again", "[rule:6]") {
  MilterWorld world(alfa);
  RecordingQueueFile queue_file;
  SECTION("an envelope") {
    const auto outcome = world.run(
        again(simple_envelope(), world, "20261122041122.id1@pec.alfa.example"), queue_file);
    CHECK(outcome.reply.enhanced == "5.6.0");
  }
  SECTION("a receipt that was changed") {
    auto message = receipt(EventKind::acceptance, alfa);
    auto whole = message.wire().str();
    const auto changed = message_of(
        text::replace_all(std::move(whole), "stato accettato", "stato del tutto rifiutato"));
    CHECK(world.run(again(changed, world, "r1@pec.alfa.example"), queue_file).verdict ==
          Verdict::refuse);
  }
  SECTION("for an internal recipient of another message") {
    const auto outcome = world.run(
        again(receipt(EventKind::acceptance, alfa), world, "r2@pec.alfa.example"), queue_file);
    CHECK(outcome.reply.code == "451");
  }
  CHECK(queue_file.edits.empty());
}

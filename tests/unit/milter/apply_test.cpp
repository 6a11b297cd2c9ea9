// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/apply.hpp"

#include "support/results.hpp"
#include "unit/milter/world.hpp"

using namespace pec;
using namespace pec::milter;
using namespace pec::test;
using Edits = std::vector<std::string>;

namespace {

const std::string anna = "anna@pec.alfa.example";

// What is done to the queue file of a message that comes in.
Edits edits_of(Decision decision, const Transaction& transaction = arriving(simple_envelope())) {
  RecordingQueueFile queue_file;
  REQUIRE(apply(std::move(decision), "signature", transaction, host_group, queue_file));
  return queue_file.edits;
}

// With another header in the queue file, where the spam filter has put a field on top.
Transaction marked(mime::Message message) {
  auto transaction = arriving(std::move(message));
  transaction.marked_header.emplace();
  transaction.marked_header->add("X-Mark", "reject");
  for (const auto& field : transaction.message.header)
    transaction.marked_header->add_raw(field.name, field.value);
  return transaction;
}

Decision sent_elsewhere() {
  Decision decision;
  decision.route = Route{alfa.address, {"x@y.example", "z@y.example"}};
  return decision;
}

}  // namespace

TEST_CASE("a message that stays what it is is not edited", "[rule:4]") {
  CHECK(edits_of({}).empty());
}

TEST_CASE("a message that is not taken is not edited") {
  for (const auto& action :
       std::vector<decltype(Decision::action)>{Discard{}, Refuse{}, TryLater{}}) {
    Decision decision;
    decision.action = action;
    CHECK(edits_of(decision).empty());
  }
}

TEST_CASE("a message stays what it is without the marks of the spam filter", "[rule:4]") {
  CHECK(edits_of({}, marked(message_of("A: 1\r\nB: 2\r\n\r\nx\r\n"))) ==
        Edits{"delete B 1", "delete A 1", "delete X-Mark 1", "append A", "append B"});
}

TEST_CASE("a message with too many header fields keeps them, and the marks", "[rule:4]") {
  mime::HeaderList header;
  for (std::size_t i = 1; i < most_fields; ++i) header.add("A", "1");
  CHECK_FALSE(edits_of({}, marked({header, {}})).empty());
  header.add("A", "1");  // one more, with the mark, than may be
  CHECK(edits_of({}, marked({header, {}})).empty());
}

TEST_CASE("headers of the same name are deleted from the last to the first") {
  MilterWorld world(alfa);
  auto transaction = submission();
  transaction.message = message_of("X-A: 1\r\nx-a: 2\r\nX-B: 3\r\n" + simple_original);
  const auto queue_file = world.accepted(transaction);
  std::vector<std::string> deleted;
  for (const auto& edit : queue_file.edits)
    if (edit.starts_with("delete")) deleted.push_back(edit);
  CHECK(deleted == std::vector<std::string>{"delete Date 1", "delete Message-ID 1",
                                            "delete Subject 1", "delete Cc 1", "delete To 1",
                                            "delete From 1", "delete X-B 1", "delete x-a 2",
                                            "delete X-A 1"});
}

TEST_CASE(
    "a message that is put in the place of another has its header, its body and its signature",
    "[rule:1]") {
  RecordingQueueFile queue_file;
  auto decision = decide_access(message_of(simple_original), simple_submission(), access_facts());
  const auto expected = sent(decision, alfa);
  const auto signature =
      value_of(MarkSigner(alfa).sign(std::get<Replace>(decision.action).draft.content, morning));
  REQUIRE(apply(std::move(decision), signature, submission(), host_group, queue_file));
  CHECK(queue_file.message().wire().str() == expected.wire().str());
  CHECK(queue_file.edits.front() == "delete Date 1");
}

TEST_CASE("a message that goes elsewhere leaves all its recipients, as RCPT wrote them",
          "[rule:4]") {
  auto transaction = arriving(simple_envelope());
  transaction.as_written = {"\"br\\uno\"@pec.beta.example", "Carla@pec.beta.example"};
  CHECK(edits_of(sent_elsewhere(), transaction) ==
        Edits{"from " + alfa.address, "drop \"br\\uno\"@pec.beta.example",
              "drop Carla@pec.beta.example", "add x@y.example", "add z@y.example"});
}

TEST_CASE("what must follow from a message is added last, bound to it", "[rule:1][rule:8.5]") {
  auto decision = sent_elsewhere();
  decision.follow_ups = {{InternalEvent::acceptance, anna, morning}};
  decision.bound_to = "1@pec.alfa.example";
  const auto internal =
      value_of(format_internal(decision.follow_ups[0], decision.bound_to, host_group));
  CHECK(edits_of(decision).back() == "add " + internal);
}

TEST_CASE("the first edit that fails is the last", "[rule:8.5]") {
  auto transaction = arriving(simple_envelope());
  transaction.as_written = transaction.recipients;
  auto decision = sent_elsewhere();
  decision.follow_ups = {{InternalEvent::acceptance, anna, morning}};
  const auto all = edits_of(decision, transaction);
  REQUIRE(all.size() == 5);
  for (std::size_t n = 1; n <= all.size(); ++n) {
    INFO(all[n - 1]);
    RecordingQueueFile queue_file;
    queue_file.failing_edit = n;
    const auto done = apply(Decision(decision), "", transaction, host_group, queue_file);
    CHECK(error_of(done).fault == Fault::unavailable);
    CHECK(queue_file.edits == Edits(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n - 1)));
  }
}

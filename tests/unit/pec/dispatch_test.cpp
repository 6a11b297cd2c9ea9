// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/dispatch.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <initializer_list>

using namespace pec;
using Step = DispatchStep::Step;

namespace {

const std::string id = "id@pec.alfa.example", bob = "bob@pec.beta.example",
                  ann = "ann@pec.beta.example";

Instant at(long long seconds) {
  return Instant{std::chrono::seconds{seconds}};
}

Dispatch dispatch_with(std::initializer_list<Step> steps) {
  Dispatch dispatch{.pec_id = id, .recipient = bob};
  for (const auto step : steps) switch (step) {
      case Step::accepted:
        dispatch.accepted = at(1);
        break;
      case Step::taken_in_charge:
        dispatch.taken_in_charge = at(2);
        break;
      case Step::delivered:
        dispatch.delivered = at(3);
        break;
      case Step::failed:
        dispatch.failed = at(4);
        break;
      case Step::warned:
        dispatch.warned = at(5);
        break;
      case Step::timed_out:
        dispatch.timed_out = at(6);
        break;
    }
  return dispatch;
}

constexpr std::array all_steps{Step::accepted, Step::taken_in_charge, Step::delivered,
                               Step::failed,   Step::warned,          Step::timed_out};

DispatchStep reported(Step step) {
  return {id, bob, step, at(30)};
}

Incident incident(std::string what, std::string detail) {
  return {std::move(what), id, bob, at(30), at(30), std::move(detail), "", std::nullopt};
}

// A recipient of our own message, for whom these steps were reported.
RecipientFacts ours(std::initializer_list<Step> steps) {
  return {dispatch_with(steps)};
}

}  // namespace

TEST_CASE("a dispatch has three ends, and of several the first in this order", "[rule:8.5]") {
  CHECK(end_of(dispatch_with({Step::delivered})) == Step::delivered);
  CHECK(end_of(dispatch_with({Step::failed})) == Step::failed);
  CHECK(end_of(dispatch_with({Step::timed_out})) == Step::timed_out);
  CHECK_FALSE(end_of(dispatch_with({Step::accepted, Step::taken_in_charge, Step::warned})));
}

TEST_CASE("a delivery and a failure contradict each other, and nothing else does", "[rule:8.5]") {
  for (const auto one : all_steps)
    for (const auto other : all_steps) {
      CAPTURE(name_of(one), name_of(other));
      CHECK(contradict(one, other) == ((one == Step::delivered && other == Step::failed) ||
                                       (one == Step::failed && other == Step::delivered)));
    }
}

TEST_CASE("each step that is not an end is entered, whatever was before", "[rule:8.5]") {
  for (const auto before : all_steps)
    for (const auto step : {Step::accepted, Step::taken_in_charge, Step::warned}) {
      CAPTURE(name_of(before), name_of(step));
      CHECK(judge_step(reported(step), {dispatch_with({before})}) == StepVerdict{true});
    }
}

TEST_CASE("the first end is entered, and no later one", "[rule:8.5]") {
  for (const auto end : {Step::delivered, Step::failed, Step::timed_out}) {
    CHECK(judge_step(reported(end), {dispatch_with({Step::accepted, Step::taken_in_charge,
                                                    Step::warned})}) == StepVerdict{true});
    for (const auto before : {Step::delivered, Step::failed, Step::timed_out}) {
      CAPTURE(name_of(before), name_of(end));
      const auto verdict = judge_step(reported(end), {dispatch_with({Step::accepted, before})});
      CHECK_FALSE(verdict.is_entered);
      CHECK(verdict.incident.has_value() == contradict(before, end));
    }
  }
  CHECK(judge_step(reported(Step::failed), {dispatch_with({Step::delivered})}).incident ==
        incident("contradiction", "reported as failed after it was delivered"));
}

TEST_CASE("a report may overtake the acceptance, but must not be about somebody else's message",
          "[rule:8.5]") {
  for (const auto step : all_steps) {
    CAPTURE(name_of(step));
    CHECK(judge_step(reported(step), {}) == StepVerdict{true});
    const auto of_others = judge_step(reported(step), {std::nullopt, true});
    const auto as_ordinary = judge_step(reported(step), {std::nullopt, true, true});
    if (step == Step::accepted) {
      CHECK(of_others == StepVerdict{true});
      CHECK(as_ordinary == StepVerdict{true});
    } else {
      CHECK(of_others ==
            StepVerdict{false, incident("unknown recipient",
                                        "reported as " + std::string(name_of(step)) +
                                            ", but the message was not accepted for it")});
      CHECK(as_ordinary == StepVerdict{});
    }
  }
}

TEST_CASE("other providers' reports on a dispatch", "[rule:8.5]") {
  CHECK(step_reported_by(EventKind::take_charge) == Step::taken_in_charge);
  CHECK(step_reported_by(EventKind::delivery) == Step::delivered);
  CHECK(step_reported_by(EventKind::non_delivery) == Step::failed);
  CHECK(step_reported_by(EventKind::virus_detection) == Step::failed);
  for (const auto kind :
       {EventKind::transport_envelope, EventKind::acceptance, EventKind::non_acceptance,
        EventKind::early_notice, EventKind::timeout_notice, EventKind::anomaly_envelope,
        EventKind::refusal})
    CHECK_FALSE(step_reported_by(kind));
}

TEST_CASE("no non-delivery notice after a delivery, a 24-hour notice, or another's notice",
          "[rule:8.5]") {
  const auto judge = [](const RecipientFacts& facts) {
    return judge_issue(EventKind::non_delivery, facts);
  };
  CHECK(judge({}) == Issue::allowed);
  CHECK(judge(ours({Step::accepted, Step::taken_in_charge, Step::warned})) == Issue::allowed);
  CHECK(judge(ours({Step::delivered})) == Issue::contradicts);
  CHECK(judge({.dispatch = {}, .delivery = true}) == Issue::contradicts);
  CHECK(judge(ours({Step::timed_out})) == Issue::refused);
  CHECK(judge(ours({Step::failed})) == Issue::refused);
  // If we found the virus, this is the notice of it.
  auto infected = ours({Step::failed});
  infected.virus_detection = true;
  CHECK(judge(infected) == Issue::allowed);
}

TEST_CASE("no delivery receipt after a non-delivery notice, but after a 24-hour notice",
          "[rule:8.5]") {
  const auto judge = [](const RecipientFacts& facts) {
    return judge_issue(EventKind::delivery, facts);
  };
  CHECK(judge(ours({Step::accepted, Step::taken_in_charge, Step::warned, Step::timed_out})) ==
        Issue::allowed);
  CHECK(judge(ours({Step::failed})) == Issue::contradicts);
  CHECK(judge({.dispatch = {}, .non_delivery = true}) == Issue::contradicts);
  CHECK(judge({.dispatch = {}, .virus_detection = true}) == Issue::contradicts);
}

TEST_CASE("notices of timeouts are for what was accepted and has no end", "[rule:8.5]") {
  for (const auto kind : {EventKind::early_notice, EventKind::timeout_notice}) {
    CHECK(judge_issue(kind, {}) == Issue::refused);
    CHECK(judge_issue(kind, ours({Step::accepted})) == Issue::allowed);
    for (const auto end : {Step::delivered, Step::failed, Step::timed_out})
      CHECK(judge_issue(kind, ours({Step::accepted, end})) == Issue::refused);
  }
  const auto taken = ours({Step::accepted, Step::taken_in_charge});
  CHECK(judge_issue(EventKind::early_notice, taken) == Issue::refused);
  CHECK(judge_issue(EventKind::timeout_notice, taken) == Issue::allowed);
}

TEST_CASE("acceptances, take-charges and virus detections are always issued", "[rule:8.5]") {
  for (const auto kind :
       {EventKind::acceptance, EventKind::take_charge, EventKind::virus_detection}) {
    CHECK_FALSE(is_judged(kind));
    for (const auto end : {Step::delivered, Step::failed, Step::timed_out})
      CHECK(judge_issue(kind, ours({end})) == Issue::allowed);
  }
}

TEST_CASE("a receipt is claimed under the identity that stands", "[rule:8.5]") {
  const ReceiptIdentity proposed{"r@alfa", at(30)}, before{"r@alfa", at(20)},
      another{"s@alfa", at(10)};
  const ReceiptKey key{id, EventKind::take_charge, {ann, bob}};
  SECTION("none does") {
    CHECK(judge_claim(key, proposed, {{{ann}, {bob}}}).claimed == ClaimedReceipt{proposed});
  }
  SECTION("that of the same copy, tried before") {
    CHECK(judge_claim(key, proposed, {{{ann, before}, {bob, before}}}).claimed ==
          ClaimedReceipt{before});
  }
  SECTION("another copy's receipt names one of them") {
    CHECK(judge_claim(key, proposed, {{{ann, another}, {bob}}, {{"s@alfa", {ann}}}}).claimed ==
          ClaimedReceipt{proposed, {ann}});
  }
  SECTION("other copies' receipts name all") {
    CHECK(judge_claim(key, proposed,
                      {{{ann, another}, {bob, another}}, {{"s@alfa", {ann, bob, "eve@x.example"}}}})
              .claimed == ClaimedReceipt{std::nullopt, {ann, bob}});
  }
  SECTION("an earlier program named the same receipt otherwise") {
    CHECK(judge_claim(key, proposed, {{{ann, another}, {bob, another}}, {{"s@alfa", {ann, bob}}}})
              .claimed == ClaimedReceipt{another});
  }
}

TEST_CASE("an end is not judged again, and one who must have none keeps all from theirs",
          "[rule:8.5]") {
  const ReceiptIdentity proposed{"r@alfa", at(30)};
  const ReceiptKey key{id, EventKind::delivery, {ann, bob}};
  const auto failed = ours({Step::failed});
  CHECK(judge_claim(key, proposed, {{{bob, proposed, failed}}}).claimed ==
        ClaimedReceipt{proposed});
  CHECK(
      judge_claim(key, proposed, {{{ann}, {bob, std::nullopt, failed}}}) ==
      ClaimVerdict{
          {}, incident("contradiction", "avvenuta-consegna was to be issued after the opposite")});
  const ReceiptKey notice{id, EventKind::non_delivery, {bob}};
  CHECK(judge_claim(notice, proposed, {{{bob, std::nullopt, ours({Step::timed_out})}}}) ==
        ClaimVerdict{});
}

TEST_CASE("the entries of a receipt take the identity that it is issued under") {
  const ReceiptIdentity proposed{"r@alfa", at(30)}, actual{"s@alfa", at(20)};
  LedgerEvent receipt, envelope;
  receipt.at = envelope.at = at(30);
  receipt.generated_id = "r@alfa";
  envelope.generated_id = id;
  LedgerEntries entries{{receipt, envelope},
                        {{id, ann, Step::delivered, at(30), true}, reported(Step::warned)}};
  const auto then = under_identity(entries, proposed, actual);
  entries.events[0].generated_id = "s@alfa";
  entries.events[0].at = at(20);
  entries.steps[0].at = at(20);
  CHECK(then == entries);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/dispatch.hpp"

#include "base/name_table.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace pec {

namespace {

using Step = DispatchStep::Step;

constexpr NameTable<Step, 6> step_names{{
    {Step::accepted, "accepted"},
    {Step::taken_in_charge, "taken_in_charge"},
    {Step::delivered, "delivered"},
    {Step::failed, "failed"},
    {Step::warned, "warned"},
    {Step::timed_out, "timed_out"},
}};

bool is_end(Step step) {
  return step == Step::delivered || step == Step::failed || step == Step::timed_out;
}

Incident incident_of(const DispatchStep& step, std::string what, std::string detail) {
  return {std::move(what),   step.pec_id, step.recipient, step.at, step.at,
          std::move(detail), "",          std::nullopt};
}

Issue judge_delivery(const RecipientFacts& facts) {
  const bool failed = facts.dispatch.failed || facts.non_delivery || facts.virus_detection;
  return failed ? Issue::contradicts : Issue::allowed;
}

// If we found the virus ourselves, the dispatch has failed already: this is the notice of it.
Issue judge_non_delivery(const RecipientFacts& facts) {
  if (facts.dispatch.delivered || facts.delivery) return Issue::contradicts;
  const bool told_by_another = facts.dispatch.failed && !facts.virus_detection;
  return told_by_another || facts.dispatch.timed_out ? Issue::refused : Issue::allowed;
}

Issue judge_timeout(const RecipientFacts& facts) {
  const bool open = facts.dispatch.accepted && !end_of(facts.dispatch);
  return open ? Issue::allowed : Issue::refused;
}

Issue judge_early_notice(const RecipientFacts& facts) {
  return facts.dispatch.taken_in_charge ? Issue::refused : judge_timeout(facts);
}

struct IssueRule {
  EventKind kind;
  Issue (*judge)(const RecipientFacts&);
};
constexpr std::array issue_rules{
    IssueRule{EventKind::delivery, judge_delivery},
    IssueRule{EventKind::non_delivery, judge_non_delivery},
    IssueRule{EventKind::early_notice, judge_early_notice},
    IssueRule{EventKind::timeout_notice, judge_timeout},
};

const IssueRule* rule_for(EventKind kind) {
  const auto* rule = std::find_if(issue_rules.begin(), issue_rules.end(),
                                  [&](const IssueRule& each) { return each.kind == kind; });
  return rule == issue_rules.end() ? nullptr : rule;
}

}  // namespace

std::optional<Step> end_of(const Dispatch& dispatch) {
  if (dispatch.delivered) return Step::delivered;
  if (dispatch.failed) return Step::failed;
  if (dispatch.timed_out) return Step::timed_out;
  return std::nullopt;
}

std::string_view name_of(Step step) {
  return name_in(step_names, step);
}

bool contradict(Step one, Step other) {
  const auto is_certain = [](Step step) { return is_end(step) && step != Step::timed_out; };
  return one != other && is_certain(one) && is_certain(other);
}

// A virus that another provider has found is a failure.
std::optional<Step> step_reported_by(EventKind kind) {
  switch (kind) {
    case EventKind::take_charge:
      return Step::taken_in_charge;
    case EventKind::delivery:
      return Step::delivered;
    case EventKind::non_delivery:
    case EventKind::virus_detection:
      return Step::failed;
    default:
      return std::nullopt;
  }
}

bool is_unexpected(const DispatchStep& step, const std::optional<Dispatch>& dispatch) {
  return !dispatch && step.step != Step::accepted;
}

StepVerdict judge_step(const DispatchStep& step, const StepFacts& facts) {
  if (is_unexpected(step, facts.dispatch)) {
    if (facts.went_as_ordinary) return {};
    if (facts.accepted_for_others)
      return {false,
              incident_of(step, "unknown recipient",
                          fmt::format("reported as {}, but the message was not accepted for it",
                                      name_of(step.step)))};
  }
  const auto end = facts.dispatch ? end_of(*facts.dispatch) : std::nullopt;
  if (!end || !is_end(step.step)) return {true};
  if (!contradict(*end, step.step)) return {};
  return {false, incident_of(step, "contradiction",
                             fmt::format("reported as {} after it was {}", name_of(step.step),
                                         name_of(*end)))};
}

bool is_judged(EventKind kind) {
  return rule_for(kind) != nullptr;
}

Issue judge_issue(EventKind kind, const RecipientFacts& facts) {
  const auto* rule = rule_for(kind);
  return rule ? rule->judge(facts) : Issue::allowed;
}

ClaimVerdict judge_claim(const ReceiptKey& key, const ReceiptIdentity& proposed,
                         const ClaimFacts& facts) {
  auto identity = proposed;
  std::vector<std::string> told;
  std::optional<ReceiptIdentity> telling;  // a receipt about some of the recipients
  for (const auto& [address, standing, known] : facts.recipients) {
    if (standing && standing->message_id == proposed.message_id) {
      identity = *standing;
    } else if (standing) {
      told.push_back(address);
      telling = standing;
    } else if (const auto issue = judge_issue(key.kind, known); issue == Issue::contradicts) {
      return {{},
              Incident{"contradiction", key.pec_id, address, proposed.at, proposed.at,
                       fmt::format("{} was to be issued after the opposite", log_name(key.kind)),
                       "", std::nullopt}};
    } else if (issue == Issue::refused) {
      return {};
    }
  }
  if (told.size() < facts.recipients.size()) return {{std::move(identity), std::move(told)}};
  const std::set<std::string> all(told.begin(), told.end());
  const auto other = facts.others.find(telling->message_id);
  if (other != facts.others.end() && other->second == all) return {{telling, {}}};
  return {{std::nullopt, std::move(told)}};
}

Incident other_content(const LedgerEvent& receipt) {
  return {"other content",
          receipt.pec_id,
          receipt.recipient,
          receipt.at,
          receipt.at,
          fmt::format("{} was to be issued of another message than the first of this id",
                      log_name(receipt.kind)),
          "",
          std::nullopt};
}

}  // namespace pec

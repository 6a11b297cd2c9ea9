// SPDX-License-Identifier: GPL-2.0-or-later

// A dispatch is the way of one message to one certified recipient. It has one end (RFC 6109, 2.3;
// the rules, section 8.5).
//
//     const auto step = judge_step(reported, facts);   // is it entered? is there an incident?
//     const auto claim = judge_claim(key, proposed, claim_facts);   // is it issued, and as which?
//
// The rule:
//   - Three things end a dispatch: a delivery, a failure, or a 24-hour notice. The first one
//     stands.
//   - A later end changes nothing. A delivery and a failure contradict each other: an incident. A
//     24-hour notice only says that nothing was heard, so no end contradicts it.
//   - A non-delivery notice is not issued after a delivery, a 24-hour notice, or another provider's
//     notice.
//   - A delivery receipt is not issued after a non-delivery notice. After a 24-hour notice it is:
//     late.
//   - A 12-hour notice is not issued after a take-charge or an end. A 24-hour notice is not issued
//     after an end. Neither is issued for a message that was never accepted.
//   - Acceptances, take-charges and virus detections are always issued.
//   - A receipt that was issued stands, whatever comes later: it may be on its way.
//
// Pure functions over what the ledger has stored. Any thread.
#pragma once

#include "pec/ledger_entry.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

// How far the copy for one certified recipient has come. A step without a time was not reported.
struct Dispatch {
  std::string pec_id;
  std::string recipient;  // canonical address
  std::optional<Instant> accepted{};
  std::optional<Instant> taken_in_charge{};
  std::optional<Instant> delivered{};
  std::optional<Instant> failed{};
  std::optional<Instant> warned{};     // the certified time of the 12-hour notice
  std::optional<Instant> timed_out{};  // the certified time of the 24-hour notice

  bool operator==(const Dispatch&) const = default;
};

std::optional<DispatchStep::Step> end_of(const Dispatch& dispatch);

// "taken_in_charge"
std::string_view name_of(DispatchStep::Step step);

// Two ends that can't both be true.
bool contradict(DispatchStep::Step one, DispatchStep::Step other);

// The step of the dispatch that another provider's receipt reports, if any.
std::optional<DispatchStep::Step> step_reported_by(EventKind kind);

// ---- A step that is reported --------------------------------------------------------------------

struct StepFacts {
  std::optional<Dispatch> dispatch;  // as it was before
  // Of the message. They count only for a report that has no dispatch (is_unexpected()).
  bool accepted_for_others = false;
  // Our own envelope went to this recipient as to one who is not certified. For example, the domain
  // was new and our directory a day old. Such a recipient has no dispatch that a report could be
  // about.
  bool went_as_ordinary = false;
};

// A report about a recipient who has no dispatch. A report may also overtake the acceptance.
bool is_unexpected(const DispatchStep& step, const std::optional<Dispatch>& dispatch);

struct StepVerdict {
  bool is_entered = false;
  std::optional<Incident> incident{};

  bool operator==(const StepVerdict&) const = default;
};
StepVerdict judge_step(const DispatchStep& step, const StepFacts& facts);

// ---- A receipt that is to be issued -------------------------------------------------------------

// The facts about one recipient. Another provider's message has no dispatch here, so the receipts
// that we issued count, too.
struct RecipientFacts {
  Dispatch dispatch;
  bool delivery = false, non_delivery = false, virus_detection = false;  // issued by us
};

enum class Issue { allowed, refused, contradicts };
Issue judge_issue(EventKind kind, const RecipientFacts& facts);

// Other kinds of receipts are always allowed: their facts need not be fetched.
bool is_judged(EventKind kind);

struct ClaimFacts {
  struct Recipient {
    std::string address;  // of the key, each once
    // The receipt of this kind that was issued for this recipient before.
    std::optional<ReceiptIdentity> standing{};
    RecipientFacts known{};  // needed if none stands and the kind is judged
  };
  std::vector<Recipient> recipients;
  // The recipients of each standing receipt whose Message-ID is not the proposed one.
  std::map<std::string, std::set<std::string>> others{};
};

struct ClaimVerdict {
  ClaimedReceipt claimed{};
  std::optional<Incident> incident{};  // if there is one, there is no identity

  bool operator==(const ClaimVerdict&) const = default;
};

// A Message-ID is a function of the recipients that are claimed together. So there are three cases:
//   - A standing receipt with the proposed Message-ID was made from the same copy before. Its
//     identity stands.
//   - A standing receipt with another Message-ID was made from another copy, which makes sure that
//     it is sent. Its recipients have their receipt. The claimed receipt is about the others, each
//     time that it is claimed.
//   - If all recipients have one already, there is no receipt. The exception is a standing receipt
//     about exactly the same recipients: an earlier program named it. Its identity stands.
ClaimVerdict judge_claim(const ReceiptKey& key, const ReceiptIdentity& proposed,
                         const ClaimFacts& facts);

// Two envelopes may come under one PEC msgid before either is known. The recipient has both, and
// evidence of the one whose receipt was made first. This incident reports that the receipt of the
// other is not issued.
Incident other_content(const LedgerEvent& receipt);

}  // namespace pec

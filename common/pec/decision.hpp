// SPDX-License-Identifier: GPL-2.0-or-later

// A role's decision about a message: a value that can be printed, compared and then applied.
//
//     Decision decision = decide_access(message, submission, facts);
//
// The deciding functions (access_point, incoming_point, anomaly, receipts, bounces) are pure. They
// do no I/O, read no clock, and never throw, whatever a message holds. All that must be looked up
// comes in as facts. Then milter/ signs the draft, writes the ledger, edits the queue file, and
// replies. Plain values; any thread.
#pragma once

#include "base/result.hpp"
#include "pec/compose.hpp"
#include "pec/internal_recipient.hpp"
#include "pec/ledger_entry.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pec {

// The message goes on as it is.
struct Keep {};

// Another message takes its place in the same queue file.
struct Replace {
  Draft draft;
};

// Accepted and dropped: nobody is owed anything. Always logged, with its reason.
struct Discard {};

// The client learns that the message is refused for good.
struct Refuse {
  std::string enhanced;  // enhanced status code: "5.7.1"
  std::string text;      // for the SMTP client: one line, ASCII
  std::string code = "550";
};

// The client keeps the message and tries again (451).
struct TryLater {
  std::string enhanced;  // "4.7.0"
  std::string text;      // as above
  ErrorSource source{};  // what it waits for
};

// For a message with so many header fields that nothing can be put in its place (most_fields).
inline Refuse too_many_fields() {
  return {"5.6.0", "The message has too many header fields"};
}

// Where a message goes instead of where it was going.
struct Route {
  std::string sender;                   // new reverse path
  std::vector<std::string> recipients;  // in place of all former ones

  bool operator==(const Route&) const = default;
};

struct Decision {
  std::variant<Keep, Replace, Discard, Refuse, TryLater> action;
  std::optional<Route> route;                 // of Keep and Replace; none: all stays
  std::string reason;                         // one line for the log: the reason for the decision
  std::string pec_id;                         // of the dispatch, if it is known
  std::vector<InternalRecipient> follow_ups;  // added to the queue file
  std::string bound_to;                       // for their macs (copy_binding.hpp)
  LedgerEntries entries;                      // durable before anything is applied
  std::optional<SentMessage> submission{};    // if a limit counts it: entered with the entries
  // Names of events that may be frequent: counted for `pecctl status`.
  std::vector<std::string> counted{};
  // Names of events that an operator should look at: counted, too. A flood alerts him only once.
  std::vector<std::string> alerts{};
};

// The log's word for the action.
inline const char* name_of(const Decision& decision) {
  struct Name {
    const char* operator()(const Keep&) const { return "keep"; }
    const char* operator()(const Replace&) const { return "replace"; }
    const char* operator()(const Discard&) const { return "discard"; }
    const char* operator()(const Refuse&) const { return "refuse"; }
    const char* operator()(const TryLater&) const { return "tempfail"; }
  };
  return std::visit(Name{}, decision.action);
}

}  // namespace pec

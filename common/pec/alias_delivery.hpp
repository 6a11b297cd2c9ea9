// SPDX-License-Identifier: GPL-2.0-or-later

// A delivery to an alias: whether all mailboxes behind it have the message now, so that its one delivery
// receipt is due.
//
//     const auto report = report_of(internal, behind);              // nothing: a plain mailbox
//     const auto standing = judge(*report, delivered_at, rows);     // within the ledger's transaction
//     store(standing.rows);
//     if (standing.is_due) claim(..., standing.at);
//
// WHAT THE SENDER IS TOLD
//
// The certified recipient is the alias: it is what the sender wrote, and nobody else is named anywhere. So
// there is one receipt, and it says "delivered" when that is true of every mailbox that the alias led to.
// Until then nothing is said. If one of them fails for good, Postfix's bounce names the alias, and a
// non-delivery notice goes out; then the set is never complete, and no receipt contradicts the notice.
//
// WHO IS BEHIND AN ALIAS
//
// Postfix expands an alias when the message comes, and tells nobody into what. So its tables are asked when
// the first delivery is reported; the set as of then stands for this message, whatever the tables
// say later. Two cases need care:
//   - The tables know nothing of the mailbox that reports. They are not the ones by which this message was
//     expanded: another table, or another content. Those whom they name may never get it. So they count for
//     nothing, and this mailbox stands for the alias alone: a receipt is not lost for a wrong option.
//   - A mailbox reports that is not in the set that stands: the alias was changed while the message was
//     in the queue. Its delivery is true, and changes nothing. But somebody else may be waited for in vain, so
//     the operator is told.
//
// A set of one mailbox has its receipt at once. Where another mailbox then reports for the same alias, the
// receipt has said too much too early, and the operator is told which option mends it.
//
// WHOSE COPY IS THE RECEIPT'S
//
// A receipt is made of a copy of the envelope, which may be handed over again: as the receipt may have been
// lost, it must then be made again. All copies are alike, so one of them is chosen, that which completed
// the set (`completes`). Each other one is dropped however often it comes.
//
// The receipt's time is that of the latest delivery, which need not be the one that was reported last.
//
// Pure functions, any thread.
#pragma once

#include "base/clock.hpp"
#include "pec/ledger_entry.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pec {

struct InternalRecipient;

// One mailbox behind an alias, for one message: a row of the ledger.
struct AliasMailbox {
  std::string tag;      // mailbox_tag()
  std::string mailbox;  // canonical address; empty: only its tag is known
  std::optional<Instant> delivered{};
  bool completes = false;  // its report was the last of the set

  bool operator==(const AliasMailbox&) const = default;
};

// The delivery point's report that one of them has the message.
struct AliasReport {
  std::string alias;                // canonical
  std::string tag;                  // of the mailbox that has it
  std::vector<std::string> behind;  // canonical, each once; none: nobody was asked, or knows

  bool operator==(const AliasReport&) const = default;
};

// Nothing: the recipient is its own mailbox and nobody else is behind it, or the report is one of a version
// before, which did not say where the alias led to. `behind`: the mailboxes of ours that Postfix's tables
// lead this recipient to, any case; none if they don't know it.
std::optional<AliasReport> report_of(const InternalRecipient& internal,
                                     const std::vector<std::string>& behind);

struct AliasStanding {
  enum class What {
    due,          // all have it: the receipt is made of this copy
    others_wait,  // not all have it
    told,         // all have it, and the receipt is made of another copy
    not_in_set,   // it is none of those who are waited for
    second,       // the one mailbox that was known of had its receipt before this one
  };
  What what{};
  Instant at{};                      // of the receipt: the latest delivery
  std::vector<AliasMailbox> rows{};  // the set as it stands now
  std::size_t have = 0;              // how many of them have it

  bool operator==(const AliasStanding&) const = default;
};

// `rows`: the set that stands; none: this is the first report.
AliasStanding judge(const AliasReport& report, Instant delivered, std::vector<AliasMailbox> rows);

// What the ledger answers to a report (MessageLog::claim_alias_receipt).
struct AliasClaim {
  AliasStanding standing{};
  ClaimedReceipt receipt{};  // asked for if it is due

  bool operator==(const AliasClaim&) const = default;
};

// One line for the log: "alias: 1 of 3 mailboxes have it".
std::string description_of(const AliasStanding& standing, const AliasReport& report);

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// Delivery to an alias: whether all mailboxes behind it have the message now. Then its one delivery
// receipt is due.
//
//     const auto report = report_of(internal, behind);              // nothing: a plain mailbox
//     const auto standing = judge(*report, delivered_at, rows);     // in the ledger's transaction
//     store(standing.rows);
//     if (standing.what == AliasStanding::What::due) claim(..., standing.at);
//
// WHAT THE SENDER LEARNS
//
// The certified recipient is the alias: the sender wrote it, and no message names anybody else. So
// there is one receipt. It says "delivered" when that is true of every mailbox that the alias led
// to. Until then the sender hears nothing. If one of the mailboxes fails for good, Postfix's bounce
// names the alias, and a non-delivery notice goes out. The set then stays incomplete, so no receipt
// contradicts the notice.
//
// WHICH MAILBOXES ARE BEHIND AN ALIAS
//
// Postfix expands an alias when the message comes, and reports the result to nobody. So we ask
// Postfix's tables when the first delivery is reported. The set that they give then stands for this
// message, even if the tables change later. Two cases need care:
//   - The tables don't know the mailbox that reports. So Postfix expanded this message by another
//     table, or by another content of it. The mailboxes that our tables name may never get the
//     message, so they don't count. The reporting mailbox stands for the alias alone: a wrong
//     option costs nobody a receipt.
//   - The reporting mailbox is not in the set: the alias was changed while the message was in the
//     queue. The delivery is true, and changes nothing. But another mailbox of the set may never
//     report, so the operator gets an alert.
//
// A set of one mailbox has its receipt at once. If another mailbox then reports for the same alias,
// that receipt came too early. The log tells the operator which option to set.
//
// WHICH COPY BECOMES THE RECEIPT
//
// A receipt is made from a copy of the envelope. The copy may come again: the receipt may have been
// lost, so it must be made again. All copies are alike. The copy that completed the set
// (`completes`) is the chosen one. Each other copy is dropped, however often it comes.
//
// The receipt's time is the time of the latest delivery. That delivery need not be the last one to
// be reported.
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

// The delivery point's report that one of these mailboxes has the message.
struct AliasReport {
  std::string alias;                // canonical
  std::string tag;                  // of the mailbox that has the message
  std::vector<std::string> behind;  // canonical, each once; none: not asked, or not known

  bool operator==(const AliasReport&) const = default;
};

// Nothing: the recipient is the only mailbox behind its own address; or the report comes from an
// earlier version, which did not name the mailbox. `behind`: our mailboxes to which Postfix's
// tables lead this recipient, in any case; none if the tables don't know the recipient.
std::optional<AliasReport> report_of(const InternalRecipient& internal,
                                     const std::vector<std::string>& behind);

struct AliasStanding {
  enum class What {
    due,          // all have the message: the receipt is made from this copy
    others_wait,  // some don't have it yet
    told,         // all have it, and the receipt is made from another copy
    not_in_set,   // the set does not contain this mailbox
    second,       // the set has one mailbox, and that other one had its receipt before
  };
  What what{};
  Instant at{};                      // of the receipt: the latest delivery
  std::vector<AliasMailbox> rows{};  // the set as it stands now
  std::size_t have = 0;              // how many of these have the message

  bool operator==(const AliasStanding&) const = default;
};

// `rows`: the set that stands; none: this is the first report.
AliasStanding judge(const AliasReport& report, Instant delivered, std::vector<AliasMailbox> rows);

// The ledger's answer to a report (MessageLog::claim_alias_receipt).
struct AliasClaim {
  AliasStanding standing{};
  ClaimedReceipt receipt{};  // claimed only if it is due

  bool operator==(const AliasClaim&) const = default;
};

// One line for the log: "alias: 1 of 3 mailboxes have it".
std::string description_of(const AliasStanding& standing, const AliasReport& report);

}  // namespace pec

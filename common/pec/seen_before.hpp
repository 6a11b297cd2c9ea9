// SPDX-License-Identifier: GPL-2.0-or-later

// Whether a message that comes was there before, for whom, and as what (rules, 4).
//
//     const auto seen = seen_before(recipients, found.identity, logged, now);
//     if (seen.is_new_to(recipient)) ...   // else nothing is owed to him
//
// Known means stored. A line of the log that a role wrote before the mail server had the message for
// sure proves nothing: the message would be swallowed when it comes again. Of an envelope the line is
// entered with its take-charge, when the committed copy is there. Of a receipt it is entered earlier, and
// the receipt may have failed at a full mailbox since and be sent again weeks later: so a receipt that is
// known is only not noted a second time, and always goes to its mailbox.
//
// As long as the delivery journal at the mailbox remembers a message (journal_memory), that decides,
// and the message goes there once more: it will be dropped. After that the log's word is the only one. But
// an envelope of which a virus detection or a non-delivery notice tells was never at the mailbox, and never goes
// there: the sender was told so.
// Pure, any thread.
#pragma once

#include "pec/ledger_entry.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace pec {

// Not longer than what the journal keeps (dovecot-plugin/delivery_journal.hpp), and longer than any mail
// server's queue.
inline constexpr std::chrono::days journal_memory{7};

// Recipients as the caller wrote them. It is new to those who are in none of the lists.
struct SeenBefore {
  std::vector<std::string> known_to{};       // the journal remembers it
  std::vector<std::string> long_known_to{};  // the journal may have forgotten it
  std::vector<std::string> other_for{};      // they have another message under the same PEC msgid
  std::vector<std::string> failed_for{};     // of an envelope: that they did not get it was told
  // Of a receipt: one of its kind about them came before, and none under this Message-ID.
  bool under_another_id = false;

  bool is_new_to(const std::string& recipient) const;
  void note_failed_for(const std::string& recipient);  // and it is nothing else to him
  bool operator==(const SeenBefore&) const = default;
};

// `logged`: what the log has under the message's PEC msgid and kind (MessageLog::logged_messages). A line
// without an identity is of an earlier program, and says nothing.
SeenBefore seen_before(const std::vector<std::string>& recipients, const std::string& identity,
                       const std::vector<LoggedMessage>& logged, Instant now);

}  // namespace pec

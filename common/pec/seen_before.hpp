// SPDX-License-Identifier: GPL-2.0-or-later

// Whether an incoming message came before, for which recipients, and as what (rules, 4).
//
//     const auto seen = seen_before(recipients, found.identity, logged, now);
//     if (seen.is_new_to(recipient)) ...   // else nothing is owed to him
//
// Known means stored. A log line proves nothing if a role wrote it before the mail server had
// committed the message: the message would be lost when it comes again. An envelope's line is
// entered with its take-charge, when the committed copy exists. A receipt's line is entered
// earlier. The receipt may then fail at a full mailbox, and be sent again weeks later. So a known
// receipt is not noted a second time, but always goes to its mailbox.
//
// While the delivery journal at the mailbox remembers a message (journal_memory), the journal
// decides. The message goes there once more, and is dropped there. After that only the log knows.
// But an envelope that ended in a virus detection or a non-delivery notice was never at the
// mailbox. It never goes there: its sender has been told so.
// Pure, any thread.
#pragma once

#include "pec/ledger_entry.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace pec {

// Not longer than the journal keeps a message (dovecot-plugin/delivery_journal.hpp), and longer
// than any mail server's queue does.
inline constexpr std::chrono::days journal_memory{7};

// Recipients as the caller wrote them. The message is new to those who are in no list.
struct SeenBefore {
  std::vector<std::string> known_to{};       // the journal remembers it
  std::vector<std::string> long_known_to{};  // the journal may have forgotten it
  std::vector<std::string> other_for{};      // they have another message under the same PEC msgid
  std::vector<std::string> failed_for{};     // of an envelope: its failure for them was reported
  // Of a receipt: one of its kind about them came before, but none under this Message-ID.
  bool under_another_id = false;

  bool is_new_to(const std::string& recipient) const;
  void note_failed_for(const std::string& recipient);  // and takes him off the known lists
  bool operator==(const SeenBefore&) const = default;
};

// `logged`: the log's lines under the message's PEC msgid and kind (MessageLog::logged_messages).
// An earlier program wrote the lines without an identity. They are ignored.
SeenBefore seen_before(const std::vector<std::string>& recipients, const std::string& identity,
                       const std::vector<LoggedMessage>& logged, Instant now);

}  // namespace pec

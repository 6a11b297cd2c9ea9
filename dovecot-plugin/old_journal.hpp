// SPDX-License-Identifier: GPL-2.0-or-later

// The delivery journal as the version before this one wrote it: one text file, `pec-delivery-journal`,
// whose keys were made of the Message-ID. It is read once, and what still counts goes on in the journal
// of now (delivery_journal.cpp says how). To be deleted when no home can hold such a file any more.
//
//     pec-delivery-journal 1 1795324282
//     5f0c22d1 9d...e1 saved 1795324283 17 INBOX
//
// A line is check, key, state, time, uid, mailbox; the last one of a key counts. Memory: one line.
#pragma once

#include "dovecot-plugin/journal_table.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pec::delivery {

// The key that the old program used: of an anomaly envelope, `message_id` was its boundary.
std::string old_delivery_key(std::string_view message_id, std::string_view recipient);

// Under what its records are kept: no key of a message of today.
std::string kept_old_key(std::string_view old_key);

struct OldJournal {
  JournalTable table;               // what still counts of it, by kept_old_key(); not published yet
  bool has_room = true;             // for all of it
  std::uint64_t damaged_lines = 0;  // that are no records, as a crash or a damaged disk leaves them
};
// Nothing: there is no such file. `unfinished`: where the table is written. Error: bad_input if the
// file can't be read; unavailable.
Result<std::optional<OldJournal>> read_old_journal(const std::filesystem::path& path,
                                                   const std::filesystem::path& unfinished,
                                                   Instant now);

}  // namespace pec::delivery

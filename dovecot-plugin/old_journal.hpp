// SPDX-License-Identifier: GPL-2.0-or-later

// The delivery journal in the format of the last version: one text file, `pec-delivery-journal`,
// whose keys were made from the Message-ID. The file is read once, and records that still count
// move to the new journal (see delivery_journal.cpp). Delete this code when no home can hold such a
// file any more.
//
//     pec-delivery-journal 1 1795324282
//     5f0c22d1 9d...e1 saved 1795324283 17 INBOX
//
// A line has check, key, state, time, uid, mailbox. The last line of a key counts. Memory: one
// line.
#pragma once

#include "dovecot-plugin/journal_table.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pec::delivery {

// The key that the old program used. For an anomaly envelope, `message_id` is its boundary.
std::string old_delivery_key(std::string_view message_id, std::string_view recipient);

// The key under which its records are kept. No message of today has such a key.
std::string kept_old_key(std::string_view old_key);

struct OldJournal {
  JournalTable table;               // its records that still count, by kept_old_key(); unpublished
  bool has_room = true;             // for all of it
  std::uint64_t damaged_lines = 0;  // not records: a crash or a damaged disk leaves such lines
};
// Nothing: there is no such file. `unfinished`: where the table is written. Errors: bad_input if
// the file can't be read; unavailable.
Result<std::optional<OldJournal>> read_old_journal(const std::filesystem::path& path,
                                                   const std::filesystem::path& unfinished,
                                                   Instant now);

}  // namespace pec::delivery

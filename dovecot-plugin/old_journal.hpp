// SPDX-License-Identifier: GPL-2.0-or-later

// The delivery journal in the format of the last version: one text file, `pec-delivery-journal`,
// whose keys were made from the Message-ID. The file is read once, and records that still count
// move to the new journal (see delivery_journal.cpp). Delete this code when no home can hold such a
// file any more.
//
//     read_old_journal(fd, path,
//         [&](std::string_view key, const DeliveryRecord& record) { return table.put(...); });
//
//     pec-delivery-journal 1 1795324282
//     5f0c22d1 9d...e1 saved 1795324283 17 INBOX
//
// A line has check, key, state, time, uid, mailbox. The last line of a key counts. Memory: one
// line.
#pragma once

#include "base/result.hpp"
#include "dovecot-plugin/delivery_record.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace pec::delivery {

// The key that the old program used. For an anomaly envelope, `message_id` is its boundary.
std::string old_delivery_key(std::string_view message_id, std::string_view recipient);

// Calls back with each record, in the order of the file. Returns the number of damaged lines, as a
// crash or a bad disk leaves them. Errors: the callback's; bad_input if the file can't be read;
// unavailable.
using TakeOldRecord =
    std::function<Result<void>(std::string_view key, const DeliveryRecord& record)>;
Result<std::uint64_t> read_old_journal(int fd, const std::filesystem::path& path,
                                       const TakeOldRecord& take);

}  // namespace pec::delivery

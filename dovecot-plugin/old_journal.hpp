// SPDX-License-Identifier: GPL-2.0-or-later

// The delivery journal as the version before this one wrote it: one text file, `pec-delivery-journal`,
// whose keys were made of the Message-ID. It is read once, and what still counts goes on in the journal
// of now (delivery_journal.cpp says how). To be deleted when no home can hold such a file any more.
//
//     read_old_journal(fd, path,
//         [&](std::string_view key, const DeliveryRecord& record) { return table.put(...); });
//
//     pec-delivery-journal 1 1795324282
//     5f0c22d1 9d...e1 saved 1795324283 17 INBOX
//
// A line is check, key, state, time, uid, mailbox; the last one of a key counts. Memory: one line.
#pragma once

#include "base/result.hpp"
#include "dovecot-plugin/delivery_record.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace pec::delivery {

// The key that the old program used: of an anomaly envelope, `message_id` was its boundary.
std::string old_delivery_key(std::string_view message_id, std::string_view recipient);

// Calls back with each record in the order of the file. Returns how many lines are none, as a crash or a
// damaged disk leaves them. Error: the callback's; bad_input if the file can't be read; unavailable.
using TakeOldRecord =
    std::function<Result<void>(std::string_view key, const DeliveryRecord& record)>;
Result<std::uint64_t> read_old_journal(int fd, const std::filesystem::path& path,
                                       const TakeOldRecord& take);

}  // namespace pec::delivery

// SPDX-License-Identifier: GPL-2.0-or-later

// What comes of a certified message of a mailbox to itself: the transport envelope, and the
// receipts of acceptance and of delivery.
//
//     const Search search = [&](const std::string& key) { return found_in(uid_search(key)); };
//     PEC_TRY(const auto missing, missing_parts(search, id, 60s));   // {"the delivery receipt"}
//
// One thread.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::pecctl {

// Looks for messages by a search key of IMAP (RFC 3501, 6.4.4). The answer: "4,5"; empty: none.
using Search = std::function<Result<std::string>(const std::string& key)>;

// The numbers in the answer to a SEARCH, as a set: "4,5".
std::string found_in(std::string_view answer);

// Waits for the parts of the message with this Message-ID, as long as one is missing. The names of
// those that have not come in time; empty: all are there. Errors are those of `search`.
Result<std::vector<std::string>> missing_parts(const Search& search, const std::string& id,
                                               std::chrono::milliseconds limit);

}  // namespace pec::pecctl

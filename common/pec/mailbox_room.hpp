// SPDX-License-Identifier: GPL-2.0-or-later

// Whether a mailbox has room for ordinary mail.
//
// A tenth of each mailbox is kept for certified mail and receipts: each refusal of these makes new
// evidence to deliver. Ordinary mail that would need this room is refused in SMTP (rules, 5), and
// its sender hears of it from his own server. After a later refusal, a bounce would go to whatever
// sender the mail names.
//
//     if (!has_room_for_ordinary(*quotas, message.size())) ...   // 552 5.2.2
//
// Pure, any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace pec {

// One limit of a mailbox, as the mail store counts it.
struct Quota {
  enum class Unit { octets, messages };
  Unit unit = Unit::octets;
  std::uint64_t used = 0;
  std::uint64_t limit = 0;

  bool operator==(const Quota&) const = default;
};

// `quotas`: all limits of the mailbox; none: it takes everything. `octets`: of the message.
inline bool has_room_for_ordinary(const std::vector<Quota>& quotas, std::uint64_t octets) {
  return std::all_of(quotas.begin(), quotas.end(), [&](const Quota& quota) {
    const auto more = quota.unit == Quota::Unit::octets ? octets : 1;
    const auto kept = quota.limit / 10;
    const auto open = quota.limit - kept;
    return quota.used <= open && more <= open - quota.used;
  });
}

}  // namespace pec

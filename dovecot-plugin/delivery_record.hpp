// SPDX-License-Identifier: GPL-2.0-or-later

// One record of the delivery journal: the state of one message for one recipient. Times are
// seconds, UTC.
#pragma once

#include "base/clock.hpp"
#include "base/name_table.hpp"

namespace pec::delivery {

enum class DeliveryState {
  pending,  // may or may not be in the mailbox
  saved,    // is in the mailbox; its receipt is owed
  done,     // nothing is owed
};
inline constexpr NameTable<DeliveryState, 3> state_names{{
    // in the journal's files
    {DeliveryState::pending, "pending"},
    {DeliveryState::saved, "saved"},
    {DeliveryState::done, "done"},
}};

struct DeliveryRecord {
  DeliveryState state{};
  Instant at;  // pending: begun; else the certified time of delivery

  bool operator==(const DeliveryRecord&) const = default;
};

}  // namespace pec::delivery

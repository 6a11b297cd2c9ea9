// SPDX-License-Identifier: GPL-2.0-or-later

// Runs a check in a process of its own.
//
//     const auto finding = in_own_process(20s, [&] { return look_at_clock(host); });
//
// A process that takes longer than `limit` is killed, and the finding is bad. So it is if the check
// returns an error, throws, or crashes. Never fails itself. Only while there is one thread.
#pragma once

#include "base/result.hpp"
#include "pecctl/selftest/finding.hpp"

#include <chrono>
#include <functional>

namespace pec::pecctl {

Finding in_own_process(std::chrono::milliseconds limit,
                       const std::function<Result<Finding>()>& look);

}  // namespace pec::pecctl

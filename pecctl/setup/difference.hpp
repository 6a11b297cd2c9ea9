// SPDX-License-Identifier: GPL-2.0-or-later

// How a file differs from what it is to be, for people: as diff(1) has it.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>

namespace pec::pecctl {

// `now`: nothing, if there is no such file. The two must differ. Error: unavailable, diff can't be
// run.
Result<std::string> difference(const std::string& path, const std::optional<std::string>& now,
                               const std::string& wanted);

}  // namespace pec::pecctl

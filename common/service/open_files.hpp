// SPDX-License-Identifier: GPL-2.0-or-later

// Raises the number of files that a daemon may have open: each connection takes one.
//
//     const auto files = raise_open_files(2064);   // as many, or as many as there may be
//
// Call it at start, before other threads. Throws std::system_error.
#pragma once

#include <cstddef>

namespace pec::service {

// Raises the soft limit to `wanted`, or as far as the hard limit allows. Returns the soft limit.
std::size_t raise_open_files(std::size_t wanted);

}  // namespace pec::service

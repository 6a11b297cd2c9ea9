// SPDX-License-Identifier: GPL-2.0-or-later

// How many files a daemon may have open: each of its connections is one.
//
//     const auto files = raise_open_files(2064);   // as many, or as many as there may be
//
// Throws std::system_error. At start, before other threads.
#pragma once

#include <cstddef>

namespace pec {

// Raises the soft limit as far as it is wanted and the hard one lets it; returns what it is then.
std::size_t raise_open_files(std::size_t wanted);

}  // namespace pec

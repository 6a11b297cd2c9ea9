// SPDX-License-Identifier: GPL-2.0-or-later

// Starts GMime, for this library's .cpp files. Afterwards any thread may call functions that use
// GMime's shared state: nothing here changes that state.
#pragma once

#include <gmime/gmime.h>

namespace pec::mime {

// Once for the process, by the first thread that comes.
inline void start_gmime() {
  static const bool started = (g_mime_init(), true);
  static_cast<void>(started);
}

}  // namespace pec::mime

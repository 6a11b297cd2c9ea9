// SPDX-License-Identifier: GPL-2.0-or-later

// GMime's start, for this library's .cpp files. Any thread may call what GMime shares afterwards:
// nothing of it is changed here.
#pragma once

#include <gmime/gmime.h>

namespace pec::mime {

// Once for the process, by whichever thread comes first.
inline void start_gmime() {
  static const bool started = (g_mime_init(), true);
  static_cast<void>(started);
}

}  // namespace pec::mime

// SPDX-License-Identifier: GPL-2.0-or-later

// The fate of a message that can't be judged, because the scanner or the ledger does not answer. It
// waits, and comes again; or it passes, as if the answer had been good. The administrator chooses.
#pragma once

namespace pec {

enum class Fallback { wait, pass };

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// Converts, once, the log of an earlier program: each of its lines holds all that was certified;
// the new lines share it (schema.cpp; sql_ledger.cpp, "Format").
//
// Reads `old_event`, writes `message`, `party` and `event`. It works in pages of a thousand
// messages, so memory stays small. The whole is one transaction, like every new version of the
// schema. Throws soci::soci_error. The session's thread.
#pragma once

#include <soci/soci.h>

namespace pec::ledger {

void convert_log(soci::session& sql);

}  // namespace pec::ledger

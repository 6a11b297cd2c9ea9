// SPDX-License-Identifier: GPL-2.0-or-later

// One time only: the lines of a log that an earlier program kept, each with all that was certified,
// become lines that share it (schema.cpp; sql_ledger.cpp, "Format").
//
// Reads `old_event`, writes `message`, `party` and `event`. Pages of a thousand messages, so memory
// stays small; the whole is one transaction, as every new version of the schema is. Throws
// soci::soci_error. The session's thread.
#pragma once

#include <soci/soci.h>

namespace pec::ledger {

void convert_log(soci::session& sql);

}  // namespace pec::ledger

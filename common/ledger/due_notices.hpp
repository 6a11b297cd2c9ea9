// SPDX-License-Identifier: GPL-2.0-or-later

// The question which notices of timeouts are owed, apart from who asks it, so that a test can have
// its plan explained. SqlLedger::due_notices() says what the answer means.
//
//     sql.prepare << due_notices_query(), use(final_), use(final_), use(early), use(most)
//
// Each part has an index of its own (schema.cpp), whose condition it repeats word for word: else the
// database doesn't see that the index is good for it. A row of either kind of notice has
// (pec_id, recipient, kind, accepted_at).
#pragma once

#include "pec/ledger_entry.hpp"

#include <fmt/format.h>
#include <string>

namespace pec::ledger {

inline std::string due_notices_query() {
  return fmt::format(
      "SELECT pec_id, recipient, '{final}' AS kind, accepted_at FROM dispatch"
      " WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL"
      " AND accepted_at <= :final AND timeout_sent = 0"
      " UNION ALL "
      "SELECT pec_id, recipient, '{final}', accepted_at FROM dispatch"
      " WHERE timed_out_at IS NOT NULL AND timeout_sent = 0"
      " UNION ALL "
      "SELECT pec_id, recipient, '{early}', accepted_at FROM dispatch"
      " WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL"
      " AND accepted_at > :after AND accepted_at <= :early"
      " AND taken_in_charge_at IS NULL AND warned_at IS NULL AND warning_sent = 0"
      " UNION ALL "
      "SELECT pec_id, recipient, '{early}', accepted_at FROM dispatch"
      " WHERE warned_at IS NOT NULL AND warning_sent = 0"
      " ORDER BY accepted_at, pec_id, recipient, kind LIMIT :most",
      fmt::arg("final", log_name(EventKind::timeout_notice)),
      fmt::arg("early", log_name(EventKind::early_notice)));
}

}  // namespace pec::ledger

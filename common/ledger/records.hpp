// SPDX-License-Identifier: GPL-2.0-or-later

// What the parts of the ledger share: the records that pec/ knows nothing of, and the store that
// all parts keep theirs in (ledger/store.hpp). Plain values; any thread. Times are seconds, UTC.
#pragma once

#include "pec/dispatch.hpp"
#include "pec/ledger_entry.hpp"
#include "pec/mailbox.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pec {

namespace ledger {
class Store;
}

// A notice of a timeout that is owed to a sender: warned or timed_out (SqlMessageLog::due_notices).
struct DueNotice {
  std::string pec_id;
  std::string recipient;  // canonical address
  EventKind kind{};       // early_notice or timeout_notice

  bool operator==(const DueNotice&) const = default;
};

// A mail domain that we manage and tell the providers' directory of (RFC 6109, 4.5.5). It is
// certified once the directory has it; until then, and for all decisions, the directory alone
// counts.
struct ManagedDomain {
  std::string name;  // lower case
  std::string unit;  // providerUnit that manages it; empty: the main entry
  Instant added{};

  bool operator==(const ManagedDomain&) const = default;
};

// What was done to a mailbox, for ever.
struct MailboxEvent {
  std::string address;
  Instant at{};
  std::string what;  // "revoked"
  std::string detail;

  bool operator==(const MailboxEvent&) const = default;
};

// From what the caller has seen to what is to be.
struct MailboxChange {
  std::optional<Mailbox> before;  // nothing: the ledger had no row
  Mailbox after;
  MailboxEvent event;
};

// How often something was seen that is only counted (NodeStates::add_counts).
struct Count {
  std::string node;
  std::string name;
  std::uint64_t count = 0;

  bool operator==(const Count&) const = default;
};

// Wrong passwords that count still (pec/login_guard.hpp): of an account from strangers, of a
// network at accounts to which it is a stranger, or of both, where they know each other. What it is
// not about is empty.
struct FailedLogins {
  std::string account, network;
  Instant since{};
  std::uint64_t failed = 0;

  bool operator==(const FailedLogins&) const = default;
};

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// The records of the ledger that pec/ does not know, and the name of the store that all its parts
// share (ledger/store.hpp). Plain values; any thread. Times are seconds, UTC.
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

namespace pec::ledger {

class Store;

// A notice of a timeout that we owe to a sender: warned or timed_out (SqlMessageLog::due_notices).
struct DueNotice {
  std::string pec_id;
  std::string recipient;  // canonical address
  EventKind kind{};       // early_notice or timeout_notice

  bool operator==(const DueNotice&) const = default;
};

// A mail domain that we manage and announce to the providers' directory (RFC 6109, 4.5.5). It is
// certified once the directory has it. The directory alone counts for all decisions.
struct ManagedDomain {
  std::string name;  // lower case
  std::string unit;  // providerUnit that manages it; empty: the main entry
  Instant added{};

  bool operator==(const ManagedDomain&) const = default;
};

// One change of a mailbox, kept for ever.
struct MailboxEvent {
  std::string address;
  Instant at{};
  std::string what;  // "revoked"
  std::string detail;

  bool operator==(const MailboxEvent&) const = default;
};

// From the state that the caller has seen to the one it wants.
struct MailboxChange {
  std::optional<Mailbox> before;  // nothing: the ledger had no row
  Mailbox after;
  MailboxEvent event;
};

// How often a node has seen something that is only counted (NodeStates::add_counts).
struct Count {
  std::string node;
  std::string name;
  std::uint64_t count = 0;

  bool operator==(const Count&) const = default;
};

// Wrong passwords that still count (pec/login_guard.hpp). An account alone: from all strangers. A
// network alone: at all accounts to which it is a stranger. Both: they know each other. An unused
// field is empty.
struct FailedLogins {
  std::string account, network;
  Instant since{};
  std::uint64_t failed = 0;

  bool operator==(const FailedLogins&) const = default;
};

}  // namespace pec::ledger

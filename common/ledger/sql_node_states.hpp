// SPDX-License-Identifier: GPL-2.0-or-later

// The last reports of each node's parts, and the node's counters. See sql_ledger.hpp.
#pragma once

#include "ledger/records.hpp"
#include "pec/ports.hpp"

namespace pec::ledger {

class SqlNodeStates : public NodeStates {
public:
  explicit SqlNodeStates(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  Result<void> add_counts(const std::string& node,
                          const std::map<std::string, std::uint64_t>& counts) override;
  Result<std::vector<Count>> counts() const;  // by node, then name

  Result<void> note_state(const ComponentState& state) override;
  // The last report of every part of every node, by node, then component. Empty if no part has
  // reported yet.
  Result<std::vector<ComponentState>> states() const;

  // Whether the ledger can be written: writes a counter and removes it, in one transaction.
  Result<void> try_writing();

private:
  const std::shared_ptr<Store> store_;
};

}  // namespace pec::ledger

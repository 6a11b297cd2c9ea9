// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/sql_node_states.hpp"

#include "ledger/storable.hpp"
#include "ledger/store.hpp"

namespace pec::ledger {

Result<void> SqlNodeStates::add_counts(const std::string& node,
                                       const std::map<std::string, std::uint64_t>& counts) {
  if (counts.empty()) return {};
  return store_->write([&](soci::session& sql) {
    for (const auto& [name, count] : counts)
      run(sql,
          "INSERT INTO counter (node, name, count) VALUES (:node, :name, :count)"
          " ON CONFLICT (node, name) DO UPDATE SET count = counter.count + excluded.count",
          node, name, count);
  });
}

Result<std::vector<Count>> SqlNodeStates::counts() const {
  return store_->select<Count>("SELECT * FROM counter ORDER BY node, name");
}

Result<void> SqlNodeStates::note_state(const ComponentState& state) {
  const auto node = storable(state.node), component = storable(state.component),
             text = storable(state.text);
  return store_->write([&](soci::session& sql) {
    run(sql,
        "INSERT INTO state (node, component, good, text, at)"
        " VALUES (:node, :component, :good, :text, :at)"
        " ON CONFLICT (node, component) DO UPDATE"
        " SET good = excluded.good, text = excluded.text, at = excluded.at"
        " WHERE state.good <> excluded.good OR state.text <> excluded.text",
        node, component, state.good, text, state.at);
  });
}

Result<std::vector<ComponentState>> SqlNodeStates::states() const {
  return store_->select<ComponentState>("SELECT * FROM state ORDER BY node, component");
}

Result<void> SqlNodeStates::try_writing() {
  const std::string node = "trial.invalid", name = "trial";
  return store_->write([&](soci::session& sql) {
    run(sql, "INSERT INTO counter (node, name, count) VALUES (:node, :name, 0)", node, name);
    run(sql, "DELETE FROM counter WHERE node = :node AND name = :name", node, name);
  });
}

}  // namespace pec::ledger

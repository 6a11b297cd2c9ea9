// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/state_report.hpp"

#include <utility>

namespace pec::service {

StateReport::StateReport(NodeStates& states, const Clock& clock, std::string node,
                         std::string component, Log log)
    : states_(&states),
      clock_(&clock),
      node_(std::move(node)),
      component_(std::move(component)),
      log_(std::move(log)) {}

void StateReport::operator()(const PartState& state) {
  if (!told_ || told_->good != state.good || told_->text != state.text) {
    log_(state);
    told_ = ComponentState{node_, component_, state.good, state.text, clock_->now()};
    noted_ = false;
    told_unnoted_ = false;
  }
  if (noted_) return;
  const auto noted = states_->note_state(*told_);
  noted_ = noted.has_value();
  if (noted_ || std::exchange(told_unnoted_, true)) return;
  log_({false, "its state is not in the ledger: " + noted.error().detail});
}

}  // namespace pec::service

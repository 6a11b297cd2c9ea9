#include "tally.hpp"

#include <utility>

namespace pec::milter {

bool Tally::count(const std::vector<std::string>& names, bool is_alert) {
  auto state = state_.lock();
  bool is_new = names.empty();
  const auto now = clock_.now();
  for (const auto& name : names) {
    ++state->counts[name];
    if (!is_alert) continue;
    const auto [told, first] = state->told.emplace(name, now);
    if (first || told->second + alert_silence <= now) is_new = true;
    if (told->second + alert_silence <= now) told->second = now;
  }
  return is_alert && is_new;
}

Result<void> Tally::store(Ledger& ledger, const std::string& node) {
  const auto counts = std::exchange(state_.lock()->counts, {});
  auto stored = ledger.add_counts(node, counts);
  if (stored) return stored;
  auto state = state_.lock();
  for (const auto& [name, count] : counts) state->counts[name] += count;
  return stored;
}

}  // namespace pec::milter

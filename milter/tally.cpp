#include "tally.hpp"

#include "scanning.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

bool Tally::count(const std::vector<std::string>& names, bool is_alert) {
  {
    auto counts = counts_.lock();
    for (const auto& name : names) ++(*counts)[name];
  }
  return is_alert && alarms_.tell(names);
}

bool Tally::alert_of_waiting(std::string_view role, std::string_view why) {
  return count(
      {why.starts_with(not_scanned) ? std::string(not_scanned) : fmt::format("tempfail, {}", role)},
      true);
}

Result<void> Tally::store(Ledger& ledger, const std::string& node) {
  const auto counts = std::exchange(*counts_.lock(), {});
  auto stored = ledger.add_counts(node, counts);
  if (stored) return stored;
  auto kept = counts_.lock();
  for (const auto& [name, count] : counts) (*kept)[name] += count;
  return stored;
}

}  // namespace pec::milter

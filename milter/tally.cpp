#include "tally.hpp"

#include "pec/scanned.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

std::string_view name_of(ErrorSource source) {
  switch (source) {
    case ErrorSource::ledger:
      return "ledger";
    case ErrorSource::scanner:
      return "scanner";
    case ErrorSource::scan:
      return "scan";
    case ErrorSource::signing:
      return "signing";
    case ErrorSource::revocation:
      return "revocation";
    case ErrorSource::disk:
      return "disk";
    case ErrorSource::load:
      return "load";
    case ErrorSource::aliases:
      return "aliases";
    case ErrorSource::mail_server:
      return "mail server";
    case ErrorSource::message:
      return "message";
    case ErrorSource::internal:
      return "internal";
    case ErrorSource::unnamed:
      break;
  }
  return "other";
}

}  // namespace

bool Tally::count(const std::vector<std::string>& names, const std::vector<std::string>& alerts) {
  {
    auto counts = counts_.lock();
    for (const auto* list : {&names, &alerts})
      for (const auto& name : *list) ++(*counts)[name];
  }
  return !alerts.empty() && alarms_.tell(alerts);
}

bool Tally::alert_of_waiting(std::optional<Role> role, ErrorSource source) {
  if (source == ErrorSource::scan) return count({}, {std::string(not_scanned)});
  return count(
      {}, {fmt::format("tempfail, {}, {}", role ? daemon_name_of(*role) : "", name_of(source))});
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

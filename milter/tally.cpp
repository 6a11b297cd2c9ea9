// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/tally.hpp"

#include "base/name_table.hpp"
#include "pec/scanned.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

constexpr NameTable<ErrorSource, 12> source_names{{
    {ErrorSource::ledger, "ledger"},
    {ErrorSource::scanner, "scanner"},
    {ErrorSource::scan, "scan"},
    {ErrorSource::signing, "signing"},
    {ErrorSource::revocation, "revocation"},
    {ErrorSource::disk, "disk"},
    {ErrorSource::load, "load"},
    {ErrorSource::aliases, "aliases"},
    {ErrorSource::mail_server, "mail server"},
    {ErrorSource::message, "message"},
    {ErrorSource::internal, "internal"},
    {ErrorSource::unnamed, "other"},
}};

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
  return count({}, {fmt::format("tempfail, {}, {}", role ? daemon_name_of(*role) : "",
                                name_in(source_names, source))});
}

Result<void> Tally::store(NodeStates& states, const std::string& node) {
  const auto counts = std::exchange(*counts_.lock(), {});
  auto stored = states.add_counts(node, counts);
  if (stored) return stored;
  auto kept = counts_.lock();
  for (const auto& [name, count] : counts) (*kept)[name] += count;
  return stored;
}

}  // namespace pec::milter

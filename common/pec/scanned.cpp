// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/scanned.hpp"

#include <fmt/format.h>

namespace pec {

namespace {

Fallback fallback_of(ScanResult::Failure failure, const UnscannedPolicy& policy) {
  switch (failure) {
    case ScanResult::Failure::no_engine:
      return policy.no_engine;
    case ScanResult::Failure::old_database:
      return policy.old_database;
    case ScanResult::Failure::error:
      return policy.error;
    case ScanResult::Failure::timeout:
      return policy.timeout;
    case ScanResult::Failure::none:
      break;
  }
  return Fallback::wait;
}

}  // namespace

Result<Scanned> judge_scan(const ScanResult& result, const UnscannedPolicy& policy) {
  switch (result.outcome) {
    case ScanResult::Outcome::clean:
      return Scanned{};
    case ScanResult::Outcome::infected:
      return Scanned{result.virus, {}};
    case ScanResult::Outcome::failed:
      break;
  }
  if (fallback_of(result.failure, policy) == Fallback::pass)
    return Scanned{std::nullopt, result.reason};
  const bool is_away = result.failure == ScanResult::Failure::no_engine ||
                       result.failure == ScanResult::Failure::old_database;
  return unavailable(fmt::format("{}: {}", not_scanned, result.reason),
                     is_away ? ErrorSource::scanner : ErrorSource::scan);
}

void note_unscanned(Decision& decision, const Scanned& scanned) {
  if (scanned.passed.empty()) return;
  decision.reason += "; passed unscanned: " + scanned.passed;
  decision.alerts.emplace_back("passed unscanned");
}

}  // namespace pec

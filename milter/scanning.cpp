#include "scanning.hpp"

#include "pec/login_guard.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

bool passes(ScanResult::Failure failure, const UnscannedPolicy& policy) {
  switch (failure) {
    case ScanResult::Failure::no_engine:
      return policy.no_engine_passes;
    case ScanResult::Failure::old_database:
      return policy.old_database_passes;
    case ScanResult::Failure::error:
      return policy.error_passes;
    case ScanResult::Failure::timeout:
      return policy.timeout_passes;
    case ScanResult::Failure::none:
      break;
  }
  return false;
}

}  // namespace

ScanParty party_of_incoming(const Transaction& transaction, const Classification& found) {
  if (found.provider) return {ScanKind::certified, found.provider->name};
  if (transaction.daemon_name == "pec-sieve") return {ScanKind::sieve};
  return {ScanKind::ordinary, network_of(transaction.client).value_or("")};
}

Result<Scan> scan(const Transaction& transaction, const ScanParty& party, const Services& services,
                  QueueFile& queue_file) {
  if (!services.scanner) return Scan{};
  queue_file.progress();
  const auto turn = services.scan_gate->enter(party);
  if (!turn)
    return unavailable(fmt::format("{}: {}", not_scanned, turn.error().detail), ErrorSource::scan);
  queue_file.progress();
  const auto result = services.scanner->scan(transaction.message.wire());
  switch (result.outcome) {
    case ScanResult::Outcome::clean:
      return Scan{};
    case ScanResult::Outcome::infected:
      return Scan{result.virus, {}};
    case ScanResult::Outcome::failed:
      break;
  }
  if (passes(result.failure, services.unscanned)) return Scan{std::nullopt, result.reason};
  const bool is_away = result.failure == ScanResult::Failure::no_engine ||
                       result.failure == ScanResult::Failure::old_database;
  return unavailable(fmt::format("{}: {}", not_scanned, result.reason),
                     is_away ? ErrorSource::scanner : ErrorSource::scan);
}

Decision noting(const Scan& scan, Decision decision) {
  if (scan.passed.empty()) return decision;
  decision.reason += "; passed unscanned: " + scan.passed;
  decision.alert = true;
  decision.counted.emplace_back("passed unscanned");
  return decision;
}

Result<void> keep_virus(const Transaction& transaction, const Services& services, Instant now,
                        std::string_view role, std::string kept_as, const std::string& virus,
                        std::string pec_id) {
  return services.virus_store->keep({std::move(kept_as), now, virus, std::string(role),
                                     transaction.sender, transaction.recipients, std::move(pec_id),
                                     transaction.message.header.unfolded("Message-ID")},
                                    transaction.message.wire());
}

}  // namespace pec::milter

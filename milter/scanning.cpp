// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/scanning.hpp"

#include "pec/login_guard.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

ScanParty party_of_incoming(const Transaction& transaction, const Classification& found) {
  if (found.provider) return {ScanKind::certified, found.provider->name};
  if (transaction.role == Role::sieve) return {ScanKind::sieve};
  return {ScanKind::ordinary, network_of(transaction.client).value_or("")};
}

Result<Scanned> scan(const Transaction& transaction, const ScanParty& party,
                     const Services& services, QueueFile& queue_file) {
  if (!services.scanner) return Scanned{};
  queue_file.progress();
  const auto turn = services.scan_gate->enter(party);
  if (!turn)
    return unavailable(fmt::format("{}: {}", not_scanned, turn.error().detail), ErrorSource::scan);
  queue_file.progress();
  return judge_scan(services.scanner->scan(transaction.message.wire()), services.unscanned);
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

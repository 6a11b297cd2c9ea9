// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger's mail domains: those that we manage, and the earlier owners of domains and
// certificates, each with the time of the loss. See sql_ledger.hpp.
#pragma once

#include "directory/domain_history.hpp"
#include "ledger/records.hpp"

namespace pec::ledger {

class SqlDomains : public directory::DomainHistory {
public:
  explicit SqlDomains(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  // A domain that exists already moves to the given unit, and keeps its time.
  Result<void> add_domains(const std::vector<ManagedDomain>& domains);
  Result<void> remove_domains(const std::vector<std::string>& names);
  Result<std::vector<ManagedDomain>> domains() const;  // by name

  // See directory/domain_history.hpp. A known directory costs one query.
  Result<directory::Former> take_up(const directory::Owned& owned, Instant as_of, Instant now,
                                    std::chrono::days remembered) override;

private:
  const std::shared_ptr<Store> store_;
};

}  // namespace pec::ledger

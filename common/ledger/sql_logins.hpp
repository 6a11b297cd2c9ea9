// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger's counts of failed logins, and the networks from which each account has logged in
// well. See sql_ledger.hpp.
#pragma once

#include "ledger/records.hpp"
#include "pec/ports.hpp"

namespace pec::ledger {

class SqlLogins : public Logins {
public:
  explicit SqlLogins(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  Result<LoginFacts> login_facts(const LoginAttempt& attempt) const override;
  Result<void> note_login(const LoginAttempt& attempt, bool good) override;
  // By account, then network.
  Result<std::vector<FailedLogins>> failed_logins(Instant now) const;
  // Resets these counts.
  Result<void> forget_failed_logins(const std::vector<FailedLogins>& failures);

private:
  const std::shared_ptr<Store> store_;
};

}  // namespace pec::ledger

// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl mailbox add | set | rename | block | unblock | revoke | restore | purge | passwd`: one step in
// the life of a mailbox (pec/mailbox_life.hpp), written into the ledger, where pec-policyd, pec-milter
// and the look-ups of Postfix and Dovecot see it at once.
//
//     MailboxChanges changes(*ledger, clock, {.dry_run = false, .confirmed = request.yes});
//     auto line = changes.revoke("anna@pec.alfa.example", "contract ended");
//     // "anna@pec.alfa.example: revoked; it can be restored until 2027-05-26"
//
// Addresses are canonical, and ours (our_mailbox()). With dry_run nothing is written, and the line tells
// what would be. What can't be undone must be confirmed.
//
// Errors: one sentence for the administrator, and then nothing was changed. One thread.
#pragma once

#include "base/clock.hpp"
#include "ledger/sql_ledger.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pec::pecctl {

class MailboxChanges {
public:
  struct Mode {
    bool dry_run = false;
    bool confirmed = false;
  };
  MailboxChanges(SqlLedger& ledger, const Clock& clock, Mode mode)
      : ledger_(ledger), now_(clock.now()), mode_(mode) {}

  Result<std::string> add(const std::string& address, const std::string& holder,
                          const std::string& contacts);
  // What has no value stays as it is.
  struct Settings {
    std::optional<bool> closed;
    std::optional<std::string> holder, contacts;
  };
  Result<std::string> set(const std::string& address, const Settings& settings);
  Result<std::string> rename(const std::string& address, const std::string& new_address);
  Result<std::string> block(const std::string& address, const std::string& reason);
  Result<std::string> unblock(const std::string& address);
  Result<std::string> revoke(const std::string& address, const std::string& reason);
  Result<std::string> restore(const std::string& address);
  Result<std::string> purge(const std::string& address);
  // `hash`: as Dovecot takes it, "{SCHEME}...".
  Result<std::string> set_password(const std::string& address, const std::string& hash);

private:
  using Step = std::function<Result<Mailbox>(const Mailbox&)>;

  // The step from what the ledger knows; `what` is for the record, `told` follows the address.
  Result<std::string> take(const std::string& address, const Step& step, const std::string& what,
                           const std::string& detail, const std::string& told);
  Result<std::string> write(const std::vector<MailboxChange>& changes, const std::string& told);
  Result<void> confirm(const std::string& address, const std::string& what) const;

  SqlLedger& ledger_;
  const Instant now_;
  const Mode mode_;
};

}  // namespace pec::pecctl

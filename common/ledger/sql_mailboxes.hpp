// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger's registry of mailboxes, and the latest submissions of their logins. See
// sql_ledger.hpp.
#pragma once

#include "ledger/records.hpp"
#include "pec/ports.hpp"

namespace soci {
class session;
}

namespace pec::ledger {

class SqlMailboxes : public Mailboxes, public Submissions, public BlocksToNotify {
public:
  explicit SqlMailboxes(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  // Gives the last committed status. The caller must know whether the mailbox is one of ours.
  Result<MailboxStatus> mailbox(const std::string& address) const override;
  Result<std::optional<Mailbox>> find_mailbox(const std::string& address) const;  // all of it
  Result<std::vector<Mailbox>> mailboxes() const;                                 // by address
  // Makes all changes or none. Returns false, and makes none, if somebody has changed one of these
  // mailboxes meanwhile.
  Result<bool> change_mailboxes(const std::vector<MailboxChange>& changes);
  Result<std::vector<MailboxEvent>> events_of_mailbox(const std::string& address) const;  // by time

  Result<std::vector<Mailbox>> blocks_to_notify() const override;
  Result<void> mark_told(const Mailbox& mailbox) override;

  Result<SubmissionVerdict> record_submission(const LedgerEntries& entries,
                                              const SentMessage& submission,
                                              const SendingLimits& limits) override;
  Result<void> withdraw_submission(const std::string& pec_id) override;
  Result<std::vector<SentMessage>> recent_submissions(const std::string& login,
                                                      std::uint64_t most) const override;

private:
  const std::shared_ptr<Store> store_;
};

// Within the caller's transaction. Texts are storable(). Throw soci::soci_error. The session's
// thread.
std::optional<Mailbox> mailbox_row(soci::session& sql, const std::string& address);
// True if it was active until now. A mailbox that is blocked or revoked already stays as it is.
bool block(soci::session& sql, const std::string& address, const std::string& reason, Instant at);

}  // namespace pec::ledger

// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger's message log (RFC 6109, 2.3): its lines, how far dispatches have come, which receipts
// were issued, which notices of timeouts are owed, and what an operator should look at. See
// sql_ledger.hpp.
#pragma once

#include "ledger/records.hpp"
#include "pec/ports.hpp"

namespace pec {

class SqlMessageLog : public MessageLog {
public:
  explicit SqlMessageLog(std::shared_ptr<ledger::Store> store) : store_(std::move(store)) {}

  // See ports.hpp. What was in a claim's entries about a receipt that is not issued, because an
  // earlier identity stands, is entered under that identity (its id and its time).
  Result<void> record(const LedgerEntries& entries) override;
  Result<ClaimedReceipt> claim_receipt(const ReceiptKey& key, const ReceiptIdentity& proposed,
                                       const LedgerEntries& entries) override;
  Result<AliasClaim> claim_alias_receipt(const ReceiptKey& key, const ReceiptIdentity& proposed,
                                         const LedgerEntries& entries,
                                         const AliasReport& report) override;
  Result<std::optional<LedgerEvent>> envelope_event(const std::string& pec_id) const override;
  Result<std::optional<ReceiptIdentity>> issued_receipt(const ReceiptKey& key) const override;
  Result<std::vector<LoggedMessage>> logged_messages(const std::string& pec_id,
                                                     EventKind kind) const override;
  Result<std::optional<DispatchStep::Step>> end_of_dispatch(
      const std::string& pec_id, const std::string& recipient) const override;
  Result<std::optional<std::string>> to_answer(const std::string& user,
                                               const std::string& message_id,
                                               Instant since) const override;

  // What the ledger holds of one message: events by time, then kind, direction, recipient;
  // dispatches by recipient. Empty if it knows nothing of it.
  Result<std::vector<LedgerEvent>> events_of(const std::string& pec_id) const;
  Result<std::vector<Dispatch>> dispatches_of(const std::string& pec_id) const;

  // The notices of timeouts that are owed, by time of acceptance, at most `most` of them: a 24-hour
  // notice for what was accepted at `final_before` or earlier and has no end; a 12-hour notice for
  // what was accepted between that and `early_before`, was not taken in charge and has no end. One
  // that was claimed but not sent (a crash between the two) is owed still, whatever came since.
  Result<std::vector<DueNotice>> due_notices(Instant early_before, Instant final_before,
                                             std::size_t most) const;
  // They are in the mail server's queue: not owed any more, also those that are claimed only later,
  // on their way.
  Result<void> mark_sent(const std::vector<DueNotice>& notices);

  // By time, oldest first; `all`: those that are resolved, too. Of each copy only a beginning,
  // which says that there is one: together they may be larger than memory.
  Result<std::vector<Incident>> incidents(bool all) const;
  // The open ones of one message, with their copies.
  Result<std::vector<Incident>> incidents_of(const std::string& pec_id) const;
  Result<void> resolve_incident(const Incident& incident, Instant at);

private:
  const std::shared_ptr<ledger::Store> store_;
};

namespace ledger {

// What due_notices() asks, so that a test can have its plan explained. Uses :final twice, then
// :early, :most.
std::string due_notices_query();

}  // namespace ledger

}  // namespace pec

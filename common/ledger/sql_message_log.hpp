// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger's message log (RFC 6109, 2.3): its lines, the progress of dispatches, the receipts
// issued, the notices of timeouts owed, and the incidents for an operator. See sql_ledger.hpp.
#pragma once

#include "ledger/records.hpp"
#include "pec/ports.hpp"

namespace pec::ledger {

class SqlMessageLog : public MessageLog {
public:
  explicit SqlMessageLog(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  // See ports.hpp. If an earlier identity of a receipt stands, the proposed one is not issued. The
  // claim's entries about it are then entered under the earlier identity (its id and its time).
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

  // All about one message: events by time, then kind, direction, recipient; dispatches by
  // recipient. Empty if the ledger does not know the message.
  Result<std::vector<LedgerEvent>> events_of(const std::string& pec_id) const;
  Result<std::vector<Dispatch>> dispatches_of(const std::string& pec_id) const;

  // The notices of timeouts that are owed, by time of acceptance, at most `most` of them. A
  // dispatch accepted at `final_before` or earlier that has no end owes a 24-hour notice. One
  // accepted between that and `early_before` that has no end and was not taken in charge owes a
  // 12-hour notice. A notice that was claimed but not sent (a crash between the two) is still owed,
  // whatever came since.
  Result<std::vector<DueNotice>> due_notices(Instant early_before, Instant final_before,
                                             std::size_t most) const;
  // Notes that these notices are in the mail server's queue. They are not owed any more, even if
  // their claim comes only later, on their way.
  Result<void> mark_sent(const std::vector<DueNotice>& notices);

  // By time, oldest first; `all`: also the resolved ones. Each copy is cut to its beginning, which
  // shows that there is one: all copies together may be larger than memory.
  Result<std::vector<Incident>> incidents(bool all) const;
  // The open ones of one message, with their copies.
  Result<std::vector<Incident>> incidents_of(const std::string& pec_id) const;
  Result<void> resolve_incident(const Incident& incident, Instant at);

private:
  const std::shared_ptr<Store> store_;
};

// The query of due_notices(), so that a test can check its plan. Uses :final twice, then :early,
// :most.
std::string due_notices_query();

}  // namespace pec::ledger

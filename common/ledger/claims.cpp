// SPDX-License-Identifier: GPL-2.0-or-later

// Decides the identity of a receipt, and whether it is issued at all. The rules are in
// pec/dispatch.hpp. This file reads the facts they need, and enters their incidents and the entries
// of an issued receipt.
#include "ledger/entries.hpp"
#include "ledger/message_log.hpp"
#include "ledger/sql_message_log.hpp"
#include "ledger/storable.hpp"
#include "ledger/store.hpp"

#include <algorithm>
#include <set>

namespace pec::ledger {

namespace {

using soci::use;

tl::unexpected<Error> without_lines() {
  return internal_error("a receipt was claimed without its line for each recipient");
}

RecipientFacts facts_of(soci::session& sql, const std::string& pec_id,
                        const std::string& recipient) {
  const auto was_issued = [&](EventKind kind) {
    return issued(sql, pec_id, kind, recipient).has_value();
  };
  return {dispatch_of(sql, pec_id, recipient).value_or(Dispatch{}), was_issued(EventKind::delivery),
          was_issued(EventKind::non_delivery), was_issued(EventKind::virus_detection)};
}

ClaimFacts facts_of(soci::session& sql, const ReceiptKey& key, const ReceiptIdentity& proposed) {
  ClaimFacts facts;
  for (const auto& address : std::set(key.recipients.begin(), key.recipients.end())) {
    auto& recipient = facts.recipients.emplace_back(
        ClaimFacts::Recipient{address, issued(sql, key.pec_id, key.kind, address)});
    const auto& standing = recipient.standing;
    if (!standing && is_judged(key.kind)) recipient.known = facts_of(sql, key.pec_id, address);
    if (!standing || standing->message_id == proposed.message_id) continue;
    auto& told = facts.others[standing->message_id];
    if (told.empty()) told = issued_to(sql, key.pec_id, key.kind, standing->message_id);
  }
  return facts;
}

bool is_of_another_envelope(soci::session& sql, const LedgerEvent& receipt) {
  if (receipt.identity.empty() || !has_other_envelope(sql, receipt)) return false;
  enter(sql, other_content(receipt));
  return true;
}

bool are_of_another_envelope(soci::session& sql, const ReceiptKey& key,
                             const LedgerEntries& entries) {
  return std::any_of(entries.events.begin(), entries.events.end(), [&](const LedgerEvent& event) {
    return event.kind == key.kind && is_of_another_envelope(sql, event);
  });
}

std::vector<AliasMailbox> mailboxes_behind(soci::session& sql, const std::string& pec_id,
                                           const std::string& alias) {
  return rows<AliasMailbox>(sql,
                            "SELECT * FROM alias_mailbox WHERE pec_id = :pec_id AND alias = :alias"
                            " ORDER BY mailbox, tag",
                            pec_id, alias);
}

// The set never changes, and a delivery is noted once.
void enter(soci::session& sql, const std::string& pec_id, const std::string& alias,
           const AliasMailbox& row) {
  const long long delivered = row.delivered ? seconds_of(*row.delivered) : 0;
  soci::indicator has_it = row.delivered ? soci::i_ok : soci::i_null;
  const int completes = row.completes ? 1 : 0;
  sql << "INSERT INTO alias_mailbox (pec_id, alias, tag, mailbox, delivered_at, completes)"
         " VALUES (:pec_id, :alias, :tag, :mailbox, :delivered, :completes)"
         " ON CONFLICT (pec_id, alias, tag) DO UPDATE"
         " SET delivered_at = excluded.delivered_at, completes = excluded.completes"
         " WHERE alias_mailbox.delivered_at IS NULL",
      use(pec_id), use(alias), use(row.tag), use(row.mailbox), use(delivered, has_it),
      use(completes);
}

ClaimedReceipt claim(soci::session& sql, const ReceiptKey& key, const ReceiptIdentity& proposed,
                     const LedgerEntries& entries) {
  if (are_of_another_envelope(sql, key, entries)) return {};
  auto verdict = judge_claim(key, proposed, facts_of(sql, key, proposed));
  if (verdict.incident) ledger::enter(sql, *verdict.incident);
  if (const auto& actual = verdict.claimed.identity)
    ledger::enter(sql, under_identity(entries, proposed, *actual));
  return std::move(verdict.claimed);
}

// Only the first envelope of this id counts. The delivery of another one is not a delivery of this
// message, so nothing is noted. claim() refuses its receipt for the same reason.
AliasClaim claim_for_alias(soci::session& sql, const ReceiptKey& key,
                           const ReceiptIdentity& proposed, const LedgerEntries& entries,
                           const AliasReport& report) {
  if (are_of_another_envelope(sql, key, entries)) return {};
  auto standing = judge(report, proposed.at, mailboxes_behind(sql, key.pec_id, report.alias));
  for (const auto& row : standing.rows) enter(sql, key.pec_id, report.alias, row);
  if (standing.what != AliasStanding::What::due) return {std::move(standing), {}};
  const ReceiptIdentity latest{proposed.message_id, standing.at};
  auto claimed = claim(sql, key, latest, under_identity(entries, proposed, latest));
  return {std::move(standing), std::move(claimed)};
}

}  // namespace

Result<ClaimedReceipt> SqlMessageLog::claim_receipt(const ReceiptKey& key,
                                                    const ReceiptIdentity& proposed,
                                                    const LedgerEntries& entries) {
  if (key.recipients.empty()) return internal_error("a receipt was claimed for no recipient");
  const auto stored_key = storable(key);
  const auto stored_entries = storable(entries);
  if (!has_lines_of(stored_entries, stored_key)) return without_lines();
  return store_->write(
      [&](soci::session& sql) { return claim(sql, stored_key, proposed, stored_entries); });
}

Result<AliasClaim> SqlMessageLog::claim_alias_receipt(const ReceiptKey& key,
                                                      const ReceiptIdentity& proposed,
                                                      const LedgerEntries& entries,
                                                      const AliasReport& report) {
  const auto stored_key = storable(key);
  const auto stored_entries = storable(entries);
  const auto stored_report = storable(report);
  if (key.recipients.size() != 1 || !has_lines_of(stored_entries, stored_key))
    return without_lines();
  return store_->write([&](soci::session& sql) {
    return claim_for_alias(sql, stored_key, proposed, stored_entries, stored_report);
  });
}

}  // namespace pec::ledger

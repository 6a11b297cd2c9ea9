// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/claims.hpp"

#include "ledger/entries.hpp"
#include "ledger/message_log.hpp"
#include "ledger/rows.hpp"

#include <algorithm>
#include <set>
#include <soci/soci.h>

namespace pec::ledger {

namespace {

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
  const soci::rowset<AliasMailbox> rows =
      (sql.prepare << "SELECT * FROM alias_mailbox WHERE pec_id = :pec_id AND alias = :alias"
                      " ORDER BY mailbox, tag",
       soci::use(pec_id), soci::use(alias));
  return {rows.begin(), rows.end()};
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
      soci::use(pec_id), soci::use(alias), soci::use(row.tag), soci::use(row.mailbox),
      soci::use(delivered, has_it), soci::use(completes);
}

}  // namespace

ClaimedReceipt claim(soci::session& sql, const ReceiptKey& key, const ReceiptIdentity& proposed,
                     const LedgerEntries& entries) {
  if (are_of_another_envelope(sql, key, entries)) return {};
  auto verdict = judge_claim(key, proposed, facts_of(sql, key, proposed));
  if (verdict.incident) enter(sql, *verdict.incident);
  return std::move(verdict.claimed);
}

// Of another envelope than the first of this id nothing is noted, for it is no delivery of this message: the
// receipt must not be, as claim() has it.
AliasClaim claim_for_alias(soci::session& sql, const ReceiptKey& key,
                           const ReceiptIdentity& proposed, const LedgerEntries& entries,
                           const AliasReport& report) {
  if (are_of_another_envelope(sql, key, entries)) return {};
  auto standing = judge(report, proposed.at, mailboxes_behind(sql, key.pec_id, report.alias));
  for (const auto& row : standing.rows) enter(sql, key.pec_id, report.alias, row);
  if (standing.what != AliasStanding::What::due) return {std::move(standing), {}};
  const ReceiptIdentity latest{proposed.message_id, standing.at};
  const auto entries_then = under_identity(entries, proposed, latest);
  auto claimed = claim(sql, key, latest, entries_then);
  if (claimed.identity) enter(sql, under_identity(entries_then, latest, *claimed.identity));
  return {std::move(standing), std::move(claimed)};
}

}  // namespace pec::ledger

#include "ledger/claims.hpp"

#include "ledger/entries.hpp"
#include "ledger/message_log.hpp"
#include "ledger/rows.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <soci/soci.h>

namespace pec::ledger {

namespace {

// What is known of one recipient. Other providers' messages have no dispatch here, so what we have
// issued ourselves counts, too.
struct Known {
  Dispatch dispatch;
  bool delivery = false, non_delivery = false, virus_detection = false;  // issued by us
};

Known known_of(soci::session& sql, const std::string& pec_id, const std::string& recipient) {
  const auto was_issued = [&](EventKind kind) {
    return issued(sql, pec_id, kind, recipient).has_value();
  };
  return {dispatch_of(sql, pec_id, recipient).value_or(Dispatch{}), was_issued(EventKind::delivery),
          was_issued(EventKind::non_delivery), was_issued(EventKind::virus_detection)};
}

enum class Verdict { may_be, must_not_be, contradicts };

Verdict judge_delivery(const Known& known) {
  const bool failed = known.dispatch.failed || known.non_delivery || known.virus_detection;
  return failed ? Verdict::contradicts : Verdict::may_be;
}

// Where we found the virus ourselves, the dispatch has failed already: this is the notice of it.
Verdict judge_non_delivery(const Known& known) {
  if (known.dispatch.delivered || known.delivery) return Verdict::contradicts;
  const bool told_by_another = known.dispatch.failed && !known.virus_detection;
  return told_by_another || known.dispatch.timed_out ? Verdict::must_not_be : Verdict::may_be;
}

Verdict judge_timeout(const Known& known) {
  const bool open = known.dispatch.accepted && !end_of(known.dispatch);
  return open ? Verdict::may_be : Verdict::must_not_be;
}

Verdict judge(EventKind kind, const Known& known) {
  switch (kind) {
    case EventKind::delivery:
      return judge_delivery(known);
    case EventKind::non_delivery:
      return judge_non_delivery(known);
    case EventKind::early_notice:
      return known.dispatch.taken_in_charge ? Verdict::must_not_be : judge_timeout(known);
    case EventKind::timeout_notice:
      return judge_timeout(known);
    default:
      return Verdict::may_be;
  }
}

// Acceptances and take-charges, one for each message, are not to cost what only ends have to know.
bool is_never_refused(EventKind kind) {
  return kind != EventKind::delivery && kind != EventKind::non_delivery &&
         kind != EventKind::early_notice && kind != EventKind::timeout_notice;
}

bool may_be(soci::session& sql, const ReceiptKey& key, const std::string& recipient, Instant at) {
  if (is_never_refused(key.kind)) return true;
  const auto verdict = judge(key.kind, known_of(sql, key.pec_id, recipient));
  if (verdict == Verdict::contradicts)
    enter_contradiction(sql, key.pec_id, recipient, at,
                        fmt::format("{} was to be issued after the opposite", log_name(key.kind)));
  return verdict == Verdict::may_be;
}

// Two envelopes may come under one PEC msgid before either is known. The recipient has both then, and
// evidence of one: the first that a receipt was made of.
bool is_of_another_envelope(soci::session& sql, const LedgerEvent& receipt) {
  if (receipt.identity.empty() || !has_other_envelope(sql, receipt)) return false;
  enter(sql,
        Incident{"other content", receipt.pec_id, receipt.recipient, receipt.at, receipt.at,
                 fmt::format("{} was to be issued of another message than the first of this id",
                             log_name(receipt.kind)),
                 "", std::nullopt});
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
  auto identity = proposed;
  std::vector<std::string> told;
  std::string other;  // Message-ID of a receipt that tells
  const std::set<std::string> recipients(key.recipients.begin(), key.recipients.end());
  for (const auto& recipient : recipients) {
    const auto standing = issued(sql, key.pec_id, key.kind, recipient);
    if (!standing) {
      if (!may_be(sql, key, recipient, proposed.at)) return {};
    } else if (standing->message_id == proposed.message_id) {
      identity = *standing;
    } else {
      told.push_back(recipient);
      other = standing->message_id;
    }
  }
  if (told.size() < recipients.size()) return {std::move(identity), std::move(told)};
  if (issued_to(sql, key.pec_id, key.kind, other) == recipients)
    return {issued(sql, key.pec_id, key.kind, told.front()), {}};
  return {std::nullopt, std::move(told)};
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

bool has_lines_of(const LedgerEntries& entries, const ReceiptKey& key) {
  std::set<std::string_view> lines;
  for (const auto& event : entries.events)
    if (event.pec_id == key.pec_id && event.kind == key.kind &&
        event.direction == Direction::issued)
      lines.insert(event.recipient);
  return std::all_of(key.recipients.begin(), key.recipients.end(),
                     [&](const std::string& each) { return lines.contains(each); });
}

LedgerEntries under_identity(LedgerEntries entries, const ReceiptIdentity& proposed,
                             const ReceiptIdentity& actual) {
  for (auto& event : entries.events) {
    if (event.generated_id != proposed.message_id) continue;
    event.generated_id = actual.message_id;
    event.at = actual.at;
  }
  for (auto& step : entries.steps)
    if (step.at == proposed.at) step.at = actual.at;
  return entries;
}

}  // namespace pec::ledger

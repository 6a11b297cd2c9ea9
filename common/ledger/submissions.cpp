// SPDX-License-Identifier: GPL-2.0-or-later

// SqlLedger's part about what logins submit (the table submission). Limits hold exactly, because a message is
// judged and entered in one transaction, and the database has one writer at a time (sql_ledger.cpp,
// "Writing"): each sees all that were entered before it, by whichever session or node.
#include "ledger/entries.hpp"
#include "ledger/mailbox_rows.hpp"
#include "ledger/queries.hpp"
#include "ledger/sql_ledger.hpp"
#include "ledger/storable.hpp"

#include <soci/soci.h>

namespace pec {

namespace {

using ledger::seconds_of;
using ledger::storable;
using soci::into;
using soci::use;

// What is older than a day counts for nothing any more (sending_limits.hpp).
constexpr std::chrono::hours submissions_kept{24};

using Sent = std::vector<SentMessage>;

// Newest first. One that is entered once more does not count for itself.
Sent accepted_beside(soci::session& sql, const SentMessage& own, std::uint64_t most) {
  const auto limit = static_cast<long long>(most);
  const soci::rowset<SentMessage> rows =
      (sql.prepare << "SELECT * FROM submission WHERE login = :login AND accepted = 1"
                      " AND pec_id <> :own ORDER BY at DESC, pec_id LIMIT :most",
       use(own.login), use(own.pec_id), use(limit));
  return Sent(rows.begin(), rows.end());
}

// Asked within the transaction that all writers wait for: where none is wanted, it isn't.
Sent newest(soci::session& sql, const std::string& login, std::uint64_t most) {
  if (most == 0) return {};
  const auto limit = static_cast<long long>(most);
  const soci::rowset<SentMessage> rows =
      (sql.prepare << "SELECT * FROM submission WHERE login = :login"
                      " ORDER BY at DESC, pec_id LIMIT :most",
       use(login), use(limit));
  return Sent(rows.begin(), rows.end());
}

InfectedSent infected_since(soci::session& sql, const std::string& login, Instant after) {
  const long long seconds = seconds_of(after);
  long long messages = 0, octets = 0;
  sql << "SELECT COUNT(*), CAST(COALESCE(SUM(infected_octets), 0) AS BIGINT) FROM submission"
         " WHERE login = :login AND at > :after AND infected_octets > 0",
      use(login), use(seconds), into(messages), into(octets);
  return {static_cast<std::uint64_t>(messages), static_cast<std::uint64_t>(octets)};
}

std::uint64_t spam_since(soci::session& sql, const std::string& login, Instant after) {
  const std::string spam(name_in(ledger::spam_levels, SpamLevel::spam));
  const long long seconds = seconds_of(after);
  long long count = 0;
  sql << "SELECT COUNT(*) FROM submission WHERE login = :login AND at > :after AND level = :level",
      use(login), use(seconds), use(spam), into(count);
  return static_cast<std::uint64_t>(count);
}

void enter(soci::session& sql, const SentMessage& submission) {
  const long long at = seconds_of(submission.at),
                  old = seconds_of(submission.at - submissions_kept),
                  recipients = static_cast<long long>(submission.recipients),
                  infected = static_cast<long long>(submission.infected_octets);
  const std::string level(name_in(ledger::spam_levels, submission.level));
  const int accepted = submission.accepted ? 1 : 0;
  sql << "INSERT INTO submission (pec_id, login, at, recipients, level, fingerprint, accepted,"
         " infected_octets)"
         " VALUES (:pec_id, :login, :at, :recipients, :level, :fingerprint, :accepted, :infected)"
         " ON CONFLICT DO NOTHING",
      use(submission.pec_id), use(submission.login), use(at), use(recipients), use(level),
      use(submission.fingerprint), use(accepted), use(infected);
  sql << "DELETE FROM submission WHERE login = :login AND at < :old", use(submission.login),
      use(old);
}

std::optional<SendingRefusal> why_not(soci::session& sql, const SentMessage& submission,
                                      const SendingLimits& limits) {
  if (!submission.accepted) return std::nullopt;  // a notice sends nothing, and is owed
  const auto mailbox = ledger::mailbox_row(sql, submission.login);
  if (mailbox)
    if (auto refusal = refuse_sender(mailbox->status)) return refusal;
  const auto wanted = wanted_for_rate(limits);
  if (wanted == 0) return std::nullopt;
  const auto wait = over_rate(accepted_beside(sql, submission, wanted), submission.recipients,
                              submission.at, limits);
  return wait ? std::optional(put_off(*wait)) : std::nullopt;
}

std::optional<std::string> block_if_misused(soci::session& sql, const SentMessage& submission,
                                            const SendingLimits& limits) {
  const auto& login = submission.login;
  std::optional<std::string> why;
  if (submission.infected_octets != 0)
    why = too_many_viruses(infected_since(sql, login, submission.at - infected_window), limits);
  if (!why)
    why = stolen_credentials(spam_since(sql, login, submission.at - spam_window),
                             newest(sql, login, limits.series_messages), limits);
  if (!why || !ledger::block(sql, login, *why, submission.at)) return std::nullopt;
  return why;
}

}  // namespace

Result<SubmissionVerdict> SqlLedger::record_submission(const LedgerEntries& entries,
                                                       const SentMessage& submission,
                                                       const SendingLimits& limits) {
  const auto stored_entries = storable(entries);
  auto stored = submission;
  for (auto* text : {&stored.pec_id, &stored.login, &stored.fingerprint}) *text = storable(*text);
  SubmissionVerdict verdict;
  const auto done = writer_.run([&](soci::session& sql) {
    verdict = {.refused = why_not(sql, stored, limits)};
    if (verdict.refused) return;
    ledger::enter(sql, stored_entries);
    enter(sql, stored);
    verdict.blocked = block_if_misused(sql, stored, limits);
  });
  if (!done) return tl::unexpected(done.error());
  return verdict;
}

Result<void> SqlLedger::withdraw_submission(const std::string& pec_id) {
  const auto id = storable(pec_id);
  return writer_.run(
      [&](soci::session& sql) { sql << "DELETE FROM submission WHERE pec_id = :pec_id", use(id); });
}

Result<std::vector<SentMessage>> SqlLedger::recent_submissions(const std::string& login,
                                                               std::uint64_t most) const {
  return ledger::select<SentMessage>(
      *database_, reader_,
      "SELECT * FROM submission WHERE login = :login AND accepted = 1"
      " ORDER BY at DESC, pec_id LIMIT :most",
      storable(login), static_cast<long long>(most));
}

}  // namespace pec

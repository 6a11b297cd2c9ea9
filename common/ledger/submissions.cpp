// SPDX-License-Identifier: GPL-2.0-or-later

// The submissions of logins (the table submission). Limits hold exactly: one transaction judges and
// enters a message, and the database has one writer at a time (sql_ledger.cpp, "Writing"). So each
// transaction sees all earlier submissions, of any session or node.
#include "ledger/entries.hpp"
#include "ledger/sql_mailboxes.hpp"
#include "ledger/storable.hpp"
#include "ledger/store.hpp"

#include <fmt/format.h>

namespace pec::ledger {

namespace {

using soci::into;
using soci::use;

// Submissions older than a day do not count any more (sending_limits.hpp).
constexpr std::chrono::hours submissions_kept{24};

constexpr std::string_view accepted = " AND accepted = 1";

// Newest first; `which`: a condition on them; `but`: without the one of this PEC msgid. All writers
// wait for this transaction, so it skips the query if none is wanted.
std::vector<SentMessage> newest(soci::session& sql, const std::string& login, std::uint64_t most,
                                std::string_view which = "", const std::string& but = "") {
  if (most == 0) return {};
  return rows<SentMessage>(sql,
                           fmt::format("SELECT * FROM submission WHERE login = :login{}"
                                       " AND pec_id <> :but ORDER BY at DESC, pec_id LIMIT :most",
                                       which),
                           login, but, most);
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
  const auto count = first<long long>(
      sql,
      "SELECT COUNT(*) FROM submission WHERE login = :login AND at > :after AND level = :level",
      login, after, SpamLevel::spam);
  return static_cast<std::uint64_t>(count.value());
}

void enter(soci::session& sql, const SentMessage& submission) {
  run(sql,
      "INSERT INTO submission (pec_id, login, at, recipients, level, fingerprint, accepted,"
      " infected_octets)"
      " VALUES (:pec_id, :login, :at, :recipients, :level, :fingerprint, :accepted, :infected)"
      " ON CONFLICT DO NOTHING",
      submission.pec_id, submission.login, submission.at, submission.recipients, submission.level,
      submission.fingerprint, submission.accepted, submission.infected_octets);
  run(sql, "DELETE FROM submission WHERE login = :login AND at < :old", submission.login,
      submission.at - submissions_kept);
}

std::optional<SendingRefusal> why_not(soci::session& sql, const SentMessage& submission,
                                      const SendingLimits& limits) {
  if (!submission.accepted) return std::nullopt;  // a notice sends nothing, and we owe it
  const auto mailbox = mailbox_row(sql, submission.login);
  if (mailbox)
    if (auto refusal = refuse_sender(mailbox->status)) return refusal;
  const auto wanted = wanted_for_rate(limits);
  if (wanted == 0) return std::nullopt;
  // A message that is entered again does not count itself.
  const auto others = newest(sql, submission.login, wanted, accepted, submission.pec_id);
  const auto wait = over_rate(others, submission.recipients, submission.at, limits);
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
  if (!why || !block(sql, login, *why, submission.at)) return std::nullopt;
  return why;
}

}  // namespace

Result<SubmissionVerdict> SqlMailboxes::record_submission(const LedgerEntries& entries,
                                                          const SentMessage& submission,
                                                          const SendingLimits& limits) {
  const auto stored_entries = storable(entries);
  auto stored = submission;
  for (auto* text : {&stored.pec_id, &stored.login, &stored.fingerprint}) *text = storable(*text);
  return store_->write([&](soci::session& sql) {
    SubmissionVerdict verdict{.refused = why_not(sql, stored, limits)};
    if (verdict.refused) return verdict;
    enter(sql, stored_entries);
    enter(sql, stored);
    verdict.blocked = block_if_misused(sql, stored, limits);
    return verdict;
  });
}

Result<void> SqlMailboxes::withdraw_submission(const std::string& pec_id) {
  const auto id = storable(pec_id);
  return store_->write(
      [&](soci::session& sql) { run(sql, "DELETE FROM submission WHERE pec_id = :pec_id", id); });
}

Result<std::vector<SentMessage>> SqlMailboxes::recent_submissions(const std::string& login,
                                                                  std::uint64_t most) const {
  return store_->read(
      [&](soci::session& sql) { return newest(sql, storable(login), most, accepted); });
}

}  // namespace pec::ledger

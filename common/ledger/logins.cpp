// SPDX-License-Identifier: GPL-2.0-or-later

// SqlLedger's part about logins (the tables login_account, login_network, login_known).
//
// An hour is counted from the first failure on, in one row: each further one adds to it, and the first after
// the hour begins anew. So a row holds two numbers, whatever is tried how often. Rows that count for nothing
// any more go with the next login that failed or was new.
#include "ledger/queries.hpp"
#include "ledger/sql_ledger.hpp"
#include "ledger/storable.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

namespace pec {

namespace {

using ledger::seconds_of;
using ledger::storable;
using soci::into;
using soci::use;
using std::chrono::seconds;

// Somebody may try from more networks than that: the ones that failed longest ago are forgotten.
constexpr long long most_networks = 100'000;
// Of one account; a traveller's oldest ones are forgotten.
constexpr long long most_known = 100;
// Where it logged in well today already, nothing is written.
constexpr std::chrono::hours known_anew_after{24};

long long window_of(const LoginAttempt& attempt) {
  return seconds_of(attempt.at - login_window);
}

std::uint64_t failed_of(soci::session& sql, const std::string& table, const std::string& column,
                        const std::string& name, long long after) {
  long long failed = 0;
  sql << fmt::format("SELECT failed FROM {} WHERE {} = :name AND since > :after", table, column),
      use(name), use(after), into(failed);
  return sql.got_data() ? static_cast<std::uint64_t>(failed) : 0;
}

struct Known {
  Instant last{};            // when it logged in well
  std::uint64_t failed = 0;  // in the window
};

// Whether the account is no stranger's there.
std::optional<Known> known_at(soci::session& sql, const LoginAttempt& attempt) {
  const long long lately = seconds_of(attempt.at - network_is_known_for),
                  after = window_of(attempt);
  long long last = 0, since = 0, failed = 0;
  sql << "SELECT last, since, failed FROM login_known WHERE account = :account"
         " AND network = :network AND last > :lately",
      use(attempt.account), use(attempt.network), use(lately), into(last), into(since),
      into(failed);
  if (!sql.got_data()) return std::nullopt;
  return Known{Instant{seconds{last}}, since > after ? static_cast<std::uint64_t>(failed) : 0};
}

LoginFacts facts_of(soci::session& sql, const LoginAttempt& attempt) {
  LoginFacts facts;
  if (const auto known = known_at(sql, attempt)) {
    facts.known = true;
    facts.at_known = known->failed;
    return facts;
  }
  const auto after = window_of(attempt);
  facts.of_account = failed_of(sql, "login_account", "account", attempt.account, after);
  facts.of_network = failed_of(sql, "login_network", "network", attempt.network, after);
  return facts;
}

// An account that the ledger keeps, or that somebody has logged in to: names that are invented have no rows
// of their own.
bool is_an_account(soci::session& sql, const std::string& account) {
  int any = 0;
  sql << "SELECT 1 FROM mailbox WHERE address = :account AND created_at IS NOT NULL"
         " UNION ALL SELECT 1 FROM login_known WHERE account = :again LIMIT 1",
      use(account), use(account), into(any);
  return sql.got_data();
}

void count_failure(soci::session& sql, const std::string& table, const std::string& column,
                   const std::string& name, const LoginAttempt& attempt) {
  const long long at = seconds_of(attempt.at), after = window_of(attempt);
  sql << fmt::format(
      "INSERT INTO {0} ({1}, since, failed) VALUES (:name, :at, 1)"
      " ON CONFLICT ({1}) DO UPDATE SET"
      " failed = CASE WHEN {0}.since > :after THEN {0}.failed + 1 ELSE 1 END,"
      " since = CASE WHEN {0}.since > :after_too THEN {0}.since ELSE excluded.since END",
      table, column),
      use(name), use(at), use(after), use(after);
  sql << fmt::format("DELETE FROM {} WHERE since <= :after", table), use(after);
}

void note_failure(soci::session& sql, const LoginAttempt& attempt) {
  if (const auto known = known_at(sql, attempt)) {
    const long long at = seconds_of(attempt.at), after = window_of(attempt);
    sql << "UPDATE login_known SET"
           " failed = CASE WHEN since > :after THEN failed + 1 ELSE 1 END,"
           " since = CASE WHEN since > :after_too THEN since ELSE :at END"
           " WHERE account = :account AND network = :network",
        use(after), use(after), use(at), use(attempt.account), use(attempt.network);
    return;
  }
  if (is_an_account(sql, attempt.account))
    count_failure(sql, "login_account", "account", attempt.account, attempt);
  count_failure(sql, "login_network", "network", attempt.network, attempt);
  sql << "DELETE FROM login_network WHERE since <="
         " (SELECT since FROM login_network ORDER BY since DESC LIMIT 1 OFFSET :most)",
      use(most_networks);
}

void note_success(soci::session& sql, const LoginAttempt& attempt) {
  const long long at = seconds_of(attempt.at),
                  lately = seconds_of(attempt.at - network_is_known_for);
  sql << "INSERT INTO login_known (account, network, last, since, failed)"
         " VALUES (:account, :network, :at, 0, 0)"
         " ON CONFLICT (account, network) DO UPDATE SET last = excluded.last",
      use(attempt.account), use(attempt.network), use(at);
  sql << "DELETE FROM login_known WHERE last <= :lately", use(lately);
  sql << "DELETE FROM login_known WHERE account = :account AND last <="
         " (SELECT last FROM login_known WHERE account = :again"
         " ORDER BY last DESC LIMIT 1 OFFSET :most)",
      use(attempt.account), use(attempt.account), use(most_known);
}

void forget_failures(soci::session& sql, const FailedLogins& failures) {
  if (failures.network.empty())
    sql << "DELETE FROM login_account WHERE account = :account", use(failures.account);
  else if (failures.account.empty())
    sql << "DELETE FROM login_network WHERE network = :network", use(failures.network);
  else
    sql << "UPDATE login_known SET failed = 0 WHERE account = :account AND network = :network",
        use(failures.account), use(failures.network);
}

LoginAttempt storable_attempt(LoginAttempt attempt) {
  attempt.account = storable(attempt.account);
  attempt.network = storable(attempt.network);
  return attempt;
}

}  // namespace

Result<LoginFacts> SqlLedger::login_facts(const LoginAttempt& attempt) const {
  const auto stored = storable_attempt(attempt);
  return ledger::read(*database_, reader_,
                      [&](soci::session& sql) { return facts_of(sql, stored); });
}

Result<void> SqlLedger::note_login(const LoginAttempt& attempt, bool good) {
  const auto stored = storable_attempt(attempt);
  if (!good) return writer_.run([&](soci::session& sql) { note_failure(sql, stored); });
  const auto known =
      ledger::read(*database_, reader_, [&](soci::session& sql) { return known_at(sql, stored); });
  if (!known) return tl::unexpected(known.error());
  if (*known && stored.at < (*known)->last + known_anew_after) return {};
  return writer_.run([&](soci::session& sql) { note_success(sql, stored); });
}

Result<std::vector<FailedLogins>> SqlLedger::failed_logins(Instant now) const {
  const long long after = seconds_of(now - login_window);
  return ledger::select<FailedLogins>(
      *database_, reader_,
      "SELECT account, '' AS network, since, failed FROM login_account WHERE since > :one"
      " UNION ALL SELECT '', network, since, failed FROM login_network WHERE since > :two"
      " UNION ALL SELECT account, network, since, failed FROM login_known"
      " WHERE since > :three AND failed > 0 ORDER BY account, network",
      after, after, after);
}

Result<void> SqlLedger::forget_failed_logins(const std::vector<FailedLogins>& failures) {
  return writer_.run([&](soci::session& sql) {
    for (const auto& each : failures) forget_failures(sql, each);
  });
}

}  // namespace pec

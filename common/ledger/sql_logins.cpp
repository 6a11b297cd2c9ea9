// SPDX-License-Identifier: GPL-2.0-or-later

// The tables login_account, login_network, login_known.
//
// One row counts the failures of an hour, which begins with the first failure. Each further failure
// adds one; the first failure after the hour starts a new hour. So a row holds two numbers, however
// many logins are tried. Outdated rows go with the next login that failed or was new.
#include "ledger/sql_logins.hpp"

#include "ledger/storable.hpp"
#include "ledger/store.hpp"

#include <fmt/format.h>

namespace pec::ledger {

namespace {

using soci::into;
using soci::use;

// An attacker may use more networks: then those that failed longest ago are forgotten.
constexpr long long most_networks = 100'000;
// For one account; a traveller's oldest networks are forgotten.
constexpr long long most_known = 100;
// A further good login from the same network within this time writes nothing.
constexpr std::chrono::hours noted_again_after{24};

Instant window_of(const LoginAttempt& attempt) {
  return attempt.at - login_window;
}

// `whose`: "account" or "network".
std::uint64_t failed_of(soci::session& sql, std::string_view whose, const std::string& name,
                        Instant after) {
  const auto failed = first<long long>(
      sql, fmt::format("SELECT failed FROM login_{0} WHERE {0} = :name AND since > :after", whose),
      name, after);
  return static_cast<std::uint64_t>(failed.value_or(0));
}

struct Known {
  Instant last{};            // when it logged in well
  std::uint64_t failed = 0;  // in the window
};

// The account's record at this network; nothing if it is a stranger there.
std::optional<Known> known_at(soci::session& sql, const LoginAttempt& attempt) {
  const long long lately = seconds_of(attempt.at - network_is_known_for);
  long long last = 0, since = 0, failed = 0;
  sql << "SELECT last, since, failed FROM login_known WHERE account = :account"
         " AND network = :network AND last > :lately",
      use(attempt.account), use(attempt.network), use(lately), into(last), into(since),
      into(failed);
  if (!sql.got_data()) return std::nullopt;
  const bool counts = instant_of(since) > window_of(attempt);
  return Known{instant_of(last), counts ? static_cast<std::uint64_t>(failed) : 0};
}

LoginFacts facts_of(soci::session& sql, const LoginAttempt& attempt) {
  LoginFacts facts;
  if (const auto known = known_at(sql, attempt)) {
    facts.known = true;
    facts.at_known = known->failed;
    return facts;
  }
  const auto after = window_of(attempt);
  facts.of_account = failed_of(sql, "account", attempt.account, after);
  facts.of_network = failed_of(sql, "network", attempt.network, after);
  return facts;
}

// An account that the ledger keeps, or that somebody has logged in to. Invented names get no rows.
bool is_an_account(soci::session& sql, const std::string& account) {
  return any(sql,
             "SELECT 1 FROM mailbox WHERE address = :account AND created_at IS NOT NULL"
             " UNION ALL SELECT 1 FROM login_known WHERE account = :again LIMIT 1",
             account, account);
}

void count_failure(soci::session& sql, std::string_view whose, const std::string& name,
                   const LoginAttempt& attempt) {
  const auto after = window_of(attempt);
  run(sql,
      fmt::format(
          "INSERT INTO login_{0} ({0}, since, failed) VALUES (:name, :at, 1)"
          " ON CONFLICT ({0}) DO UPDATE SET failed ="
          " CASE WHEN login_{0}.since > :after THEN login_{0}.failed + 1 ELSE 1 END, since ="
          " CASE WHEN login_{0}.since > :after_too THEN login_{0}.since ELSE excluded.since END",
          whose),
      name, attempt.at, after, after);
  run(sql, fmt::format("DELETE FROM login_{} WHERE since <= :after", whose), after);
}

void note_failure(soci::session& sql, const LoginAttempt& attempt) {
  if (known_at(sql, attempt))
    return run(sql,
               "UPDATE login_known SET"
               " failed = CASE WHEN since > :after THEN failed + 1 ELSE 1 END,"
               " since = CASE WHEN since > :after_too THEN since ELSE :at END"
               " WHERE account = :account AND network = :network",
               window_of(attempt), window_of(attempt), attempt.at, attempt.account,
               attempt.network);
  if (is_an_account(sql, attempt.account)) count_failure(sql, "account", attempt.account, attempt);
  count_failure(sql, "network", attempt.network, attempt);
  run(sql,
      "DELETE FROM login_network WHERE since <="
      " (SELECT since FROM login_network ORDER BY since DESC LIMIT 1 OFFSET :most)",
      most_networks);
}

void note_success(soci::session& sql, const LoginAttempt& attempt) {
  run(sql,
      "INSERT INTO login_known (account, network, last, since, failed)"
      " VALUES (:account, :network, :at, 0, 0)"
      " ON CONFLICT (account, network) DO UPDATE SET last = excluded.last",
      attempt.account, attempt.network, attempt.at);
  run(sql, "DELETE FROM login_known WHERE last <= :lately", attempt.at - network_is_known_for);
  run(sql,
      "DELETE FROM login_known WHERE account = :account AND last <="
      " (SELECT last FROM login_known WHERE account = :again"
      " ORDER BY last DESC LIMIT 1 OFFSET :most)",
      attempt.account, attempt.account, most_known);
}

void forget_failures(soci::session& sql, const FailedLogins& failures) {
  if (failures.network.empty())
    run(sql, "DELETE FROM login_account WHERE account = :account", failures.account);
  else if (failures.account.empty())
    run(sql, "DELETE FROM login_network WHERE network = :network", failures.network);
  else
    run(sql, "UPDATE login_known SET failed = 0 WHERE account = :account AND network = :network",
        failures.account, failures.network);
}

LoginAttempt storable_attempt(LoginAttempt attempt) {
  attempt.account = storable(attempt.account);
  attempt.network = storable(attempt.network);
  return attempt;
}

}  // namespace

Result<LoginFacts> SqlLogins::login_facts(const LoginAttempt& attempt) const {
  const auto stored = storable_attempt(attempt);
  return store_->read([&](soci::session& sql) { return facts_of(sql, stored); });
}

Result<void> SqlLogins::note_login(const LoginAttempt& attempt, bool good) {
  const auto stored = storable_attempt(attempt);
  if (!good) return store_->write([&](soci::session& sql) { note_failure(sql, stored); });
  PEC_TRY(const auto known,
          store_->read([&](soci::session& sql) { return known_at(sql, stored); }));
  if (known && stored.at < known->last + noted_again_after) return {};
  return store_->write([&](soci::session& sql) { note_success(sql, stored); });
}

Result<std::vector<FailedLogins>> SqlLogins::failed_logins(Instant now) const {
  const Instant after = now - login_window;
  return store_->select<FailedLogins>(
      "SELECT account, '' AS network, since, failed FROM login_account WHERE since > :one"
      " UNION ALL SELECT '', network, since, failed FROM login_network WHERE since > :two"
      " UNION ALL SELECT account, network, since, failed FROM login_known"
      " WHERE since > :three AND failed > 0 ORDER BY account, network",
      after, after, after);
}

Result<void> SqlLogins::forget_failed_logins(const std::vector<FailedLogins>& failures) {
  return store_->write([&](soci::session& sql) {
    for (const auto& each : failures) forget_failures(sql, each);
  });
}

}  // namespace pec::ledger

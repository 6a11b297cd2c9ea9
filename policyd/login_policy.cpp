// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/login_policy.hpp"

#include "base/text.hpp"
#include "base/utc.hpp"
#include "mime/address.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace pec::policyd {

std::optional<LoginAttempt> LoginPolicy::attempt_of(const LoginRequest& request) const {
  const auto network = network_of(request.address);
  if (!network || request.account.empty()) return std::nullopt;
  return LoginAttempt{mime::canonical_address(request.account), *network, clock_.now()};
}

std::string LoginPolicy::allow(const LoginRequest& request) {
  constexpr auto go_on = R"({"status":0})";
  const auto attempt = attempt_of(request);
  if (!attempt) return go_on;
  // Keep the lock while the ledger is read. A login that the ledger counts meanwhile is still under
  // way here, so at least one of the two counts it.
  auto memory = memory_.lock();
  auto facts = logins_.login_facts(*attempt);
  if (!facts) {
    note_unjudged("a login goes on without having been judged", facts.error().detail);
    return go_on;
  }
  facts->under_way = memory->under_way(*attempt);
  const auto refusal = refuse_login(*facts);
  if (!refusal) {
    memory->begin(*attempt, request.mark, facts->known);
    return go_on;
  }
  tell_refusal(*refusal, *attempt, request);
  return R"({"status":-1,"msg":"Troppi tentativi: riprovare piu' tardi. )"
         R"(Too many attempts: try again later"})";
}

void LoginPolicy::report(const LoginRequest& request) {
  const auto attempt = attempt_of(request);
  if (!attempt || request.refused) return;
  // If the failure is not new, another report counts it and ends it.
  if (!request.success && !memory_.lock()->is_new_failure(*attempt, request.mark)) return;
  const auto noted = logins_.note_login(*attempt, request.success);
  if (!noted) note_unjudged("the result of a login was not counted", noted.error().detail);
  auto memory = memory_.lock();
  if (noted || request.success) return memory->end(*attempt, request.mark);
  // It stays under way, so it counts for some seconds more.
  memory->forget_failure(*attempt, request.mark);
}

void LoginPolicy::tell_refusal(const LoginRefusal& refusal, const LoginAttempt& attempt,
                               const LoginRequest& request) {
  const auto account = text::printable(attempt.account);
  const bool of_account = refusal.of == LoginRefusal::Of::account;
  if (!alarms_.tell({fmt::format("logins refused: {}", of_account ? account : attempt.network)}))
    return;
  spdlog::warn("action=refuse-login login=<{}> network={} protocol={} reason=\"{}\"", account,
               attempt.network, text::printable(request.protocol), refusal.why);
}

void LoginPolicy::note_unjudged(const std::string& what, std::string_view why) {
  if (alarms_.tell({what})) spdlog::error("{}: {}", what, why);
  auto unjudged = unjudged_.lock();
  const auto now = clock_.now();
  if (*unjudged)
    (*unjudged)->last = now;
  else
    *unjudged = Unjudged{now, now, fmt::format("{}: {}", what, why)};
}

std::optional<std::string> LoginPolicy::unjudged() {
  auto unjudged = unjudged_.lock();
  if (*unjudged && (*unjudged)->last + unjudged_shows_for <= clock_.now()) unjudged->reset();
  if (!*unjudged) return std::nullopt;
  return fmt::format("since {}: {}", utc_time((*unjudged)->first), (*unjudged)->what);
}

}  // namespace pec::policyd

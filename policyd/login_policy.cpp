#include "login_policy.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"

#include <spdlog/spdlog.h>

namespace pec::policy {

std::optional<LoginAttempt> LoginPolicy::attempt_of(const LoginRequest& request) const {
  const auto network = network_of(request.address);
  if (!network) return std::nullopt;
  return LoginAttempt{mime::canonical_address(request.account), *network, clock_.now()};
}

std::string LoginPolicy::allow(const LoginRequest& request) const {
  constexpr auto go_on = R"({"status":0})";
  const auto attempt = attempt_of(request);
  if (!attempt) return go_on;
  const auto facts = logins_.login_facts(*attempt);
  if (!facts) {
    spdlog::error("a login goes on without having been judged: {}", facts.error().detail);
    return go_on;
  }
  const auto why = refuse_login(*facts);
  if (!why) return go_on;
  spdlog::warn("action=refuse-login login=<{}> network={} protocol={} reason=\"{}\"",
               text::printable(attempt->account), attempt->network,
               text::printable(request.protocol), *why);
  return R"({"status":-1,"msg":"Troppi tentativi: riprovare piu' tardi. Too many attempts: try again later"})";
}

void LoginPolicy::report(const LoginRequest& request) const {
  const auto attempt = attempt_of(request);
  if (!attempt || request.refused) return;
  if (const auto noted = logins_.note_login(*attempt, request.success); !noted)
    spdlog::error("a login was not counted: {}", noted.error().detail);
}

}  // namespace pec::policy

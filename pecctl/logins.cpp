// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/logins.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/login_guard.hpp"
#include "pecctl/commands.hpp"

#include <fmt/format.h>
#include <memory>

namespace pec::pecctl {

namespace {

std::string name_of(const ledger::FailedLogins& failures) {
  const auto or_nothing = [](const std::string& name) { return name.empty() ? "-" : name; };
  return fmt::format("{}  {}", or_nothing(failures.account), or_nothing(failures.network));
}

bool is_refused(const ledger::FailedLogins& failures) {
  LoginFacts facts;
  if (failures.network.empty()) {
    facts.of_account = failures.failed;
  } else if (failures.account.empty()) {
    facts.of_network = failures.failed;
  } else {
    facts.known = true;
    facts.at_known = failures.failed;
  }
  return refuse_login(facts).has_value();
}

std::string line_of(const ledger::FailedLogins& failures, const LegalTime& zone) {
  auto line = fmt::format("{}  {}  {} wrong passwords", time_text(zone, failures.since),
                          name_of(failures), failures.failed);
  if (is_refused(failures))
    line += "  refused until " + time_text(zone, failures.since + login_window);
  return text::printable(line);
}

}  // namespace

Result<Answer> list_failed_logins(const ledger::SqlLogins& ledger, const LegalTime& zone,
                                  Instant now) {
  PEC_TRY(const auto failed, ledger.failed_logins(now));
  Answer answer;
  for (const auto& each : failed) answer.lines.push_back(line_of(each, zone));
  return answer;
}

Result<Answer> forget_failed_logins(ledger::SqlLogins& ledger, const std::string& whose,
                                    Instant now) {
  PEC_TRY(auto failed, ledger.failed_logins(now));
  const auto account = mime::canonical_address(whose);
  const auto network = network_of(whose).value_or(whose);
  std::erase_if(failed, [&](const ledger::FailedLogins& each) {
    return each.account != account && each.network != network;
  });
  if (whose.empty() || failed.empty())
    return bad_input(
        fmt::format("no wrong password of \"{}\" counts now; \"pecctl logins\" lists those that do",
                    text::printable(whose)));
  PEC_TRY_VOID(ledger.forget_failed_logins(failed));
  Answer answer;
  for (const auto& each : failed)
    answer.lines.push_back(text::printable("forgotten: " + name_of(each)));
  return answer;
}

void add_logins(CLI::App& app, Command& chosen) {
  auto& logins = add_command(app, chosen, "logins",
                             "Wrong passwords that count now, by account and by network",
                             [](const Context& context) -> Result<Answer> {
                               PEC_TRY(const auto site, context.open_site());
                               return list_failed_logins(*site.ledger, site.zone(), context.now());
                             });
  const auto whose = std::make_shared<std::string>();
  add_command(logins, chosen, "forget", "Let somebody in again who is refused",
              [whose](const Context& context) -> Result<Answer> {
                PEC_TRY(const auto site, context.open_site());
                return forget_failed_logins(*site.ledger, *whose, context.now());
              })
      .add_option("WHOSE", *whose, "An account, or an address of the network")
      ->required();
}

}  // namespace pec::pecctl

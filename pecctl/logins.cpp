// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/logins.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/login_guard.hpp"
#include "pecctl/report.hpp"

#include <fmt/format.h>
#include <vector>

namespace pec::pecctl {

namespace {

std::string name_of(const FailedLogins& failures) {
  const auto or_nothing = [](const std::string& name) { return name.empty() ? "-" : name; };
  return fmt::format("{}  {}", or_nothing(failures.account), or_nothing(failures.network));
}

bool is_refused(const FailedLogins& failures) {
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

std::string line_of(const FailedLogins& failures, const LegalTime& zone) {
  auto line = fmt::format("{}  {}  {} wrong passwords", time_text(zone, failures.since),
                          name_of(failures), failures.failed);
  if (is_refused(failures))
    line += "  refused until " + time_text(zone, failures.since + login_window);
  return text::printable(line);
}

}  // namespace

Result<std::string> list_failed_logins(const SqlLedger& ledger, const LegalTime& zone,
                                       Instant now) {
  PEC_TRY(const auto failed, ledger.failed_logins(now));
  std::vector<std::string> lines;
  for (const auto& each : failed) lines.push_back(line_of(each, zone));
  return text::join(lines, "\n");
}

Result<std::string> forget_failed_logins(SqlLedger& ledger, const std::string& whose, Instant now) {
  PEC_TRY(auto failed, ledger.failed_logins(now));
  const auto account = mime::canonical_address(whose);
  const auto network = network_of(whose).value_or(whose);
  std::erase_if(failed, [&](const FailedLogins& each) {
    return each.account != account && each.network != network;
  });
  if (whose.empty() || failed.empty())
    return bad_input(
        fmt::format("no wrong password of \"{}\" counts now; \"pecctl logins\" lists those that do",
                    text::printable(whose)));
  PEC_TRY_VOID(ledger.forget_failed_logins(failed));
  std::vector<std::string> lines;
  for (const auto& each : failed) lines.push_back(text::printable("forgotten: " + name_of(each)));
  return text::join(lines, "\n");
}

}  // namespace pec::pecctl

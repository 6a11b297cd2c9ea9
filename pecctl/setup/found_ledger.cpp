// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/found_ledger.hpp"

#include "base/text.hpp"
#include "ledger/database.hpp"
#include "mime/address.hpp"
#include "pecctl/selftest/own_process.hpp"
#include "pecctl/setup/tools.hpp"

#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <system_error>

namespace pec::pecctl {

namespace {

using config::Config;

Result<Finding> look(const Context& context, const Config& config) {
  // A database server knows the service's user by the name that the kernel reports.
  PEC_TRY(const auto ids, ids_of(config.site.user));
  PEC_TRY_VOID(become(ids.user, ids.group, config.site.user));
  PEC_TRY(const auto ledger, context.open_ledger(config));
  PEC_TRY(const auto domains, ledger->domains());
  PEC_TRY(const auto mailboxes, ledger->mailboxes());
  std::set<std::string, std::less<>> ours;
  for (const auto& us : config.identities()) ours.insert(text::lower(us.domain));
  for (const auto& domain : domains) ours.insert(domain.name);
  for (const auto& mailbox : mailboxes)
    if (!ours.contains(mime::domain_of(mailbox.address)))
      return bad(fmt::format(
          "ledger.connection: there is a ledger already, of a provider with the mailbox {}, and it "
          "must stay that provider's: name another one, or correct provider.domain",
          text::printable(mailbox.address)));
  return good("it is ours");
}

}  // namespace

Result<void> check_found_ledger(const Context& context, const Config& config) {
  PEC_TRY(const auto file, ledger::Database::file_of(config.ledger.connection));
  std::error_code error;
  if (file && !std::filesystem::exists(*file, error)) return {};
  const auto finding =
      in_own_process(std::chrono::minutes(1), [&] { return look(context, config); });
  if (finding.verdict == Verdict::bad) return bad_input(finding.found);
  return {};
}

}  // namespace pec::pecctl

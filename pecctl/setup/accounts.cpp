// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/accounts.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "pecctl/setup/tools.hpp"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

namespace pec::pecctl {

namespace {

using config::Config;

struct Account {
  std::string address, holder;
  std::filesystem::path password_file{};  // empty: it gets its password later, by hand
};

std::vector<Account> wanted(const Config& config) {
  std::vector<Account> accounts;
  for (const auto& us : config.identities())
    accounts.push_back({text::lower(us.service_mailbox), "receipts of other providers"});
  accounts.push_back({text::lower(config.site.operators_mailbox), "the people who run it"});
  if (!config.site.probe_mailbox.empty())
    accounts.push_back({text::lower(config.site.probe_mailbox), "pecctl selftest",
                        config.site.probe_password_file});
  return accounts;
}

Result<std::string> pecctl(const std::string& config_file, std::vector<std::string> words,
                           std::string_view input = {}) {
  words.insert(words.begin(), {"/proc/self/exe", "--config", config_file, "mailbox"});
  return output_of(std::move(words), input);
}

// The accounts that there are, and whether each has a password. Nothing can be asked before there
// is a ledger: then nobody has an account.
std::map<std::string, bool> accounts_now(const std::string& config_file) {
  std::map<std::string, bool> accounts;
  const auto said = pecctl(config_file, {"list", "--json"});
  const auto list = nlohmann::json::parse(said ? *said : "[]", nullptr, false);
  if (list.is_array())
    for (const auto& each : list)
      accounts[each.value("address", "")] = each.value("has_password", false);
  return accounts;
}

}  // namespace

Result<std::vector<std::string>> missing_accounts(const Config& config,
                                                  const std::string& config_file,
                                                  bool has_new_password) {
  std::vector<std::string> lines;
  const auto now = accounts_now(config_file);
  for (const auto& account : wanted(config)) {
    const auto found = now.find(account.address);
    if (found == now.end())
      lines.push_back("+ mailbox " + account.address);
    else if (!account.password_file.empty() && (has_new_password || !found->second))
      lines.push_back("+ password of " + account.address);
  }
  return lines;
}

Result<void> make_accounts(const Config& config, const std::string& config_file) {
  const auto now = accounts_now(config_file);
  for (const auto& account : wanted(config)) {
    if (!now.contains(account.address))
      PEC_TRY_VOID(pecctl(config_file, {"add", account.address, "--holder", account.holder}));
    if (account.password_file.empty()) continue;
    PEC_TRY(const auto password, read_file(account.password_file));
    PEC_TRY_VOID(pecctl(config_file, {"passwd", account.address}, password));
  }
  return {};
}

}  // namespace pec::pecctl

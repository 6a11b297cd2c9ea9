// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/closing_words.hpp"

#include "base/utc.hpp"
#include "pecctl/site_names.hpp"

#include <fmt/format.h>

namespace pec::pecctl {

namespace {

using config::Config;
using Lines = std::vector<std::string>;

void add_mail_programs(Lines& lines, const Config::Site& site) {
  lines.emplace_back();
  lines.emplace_back("Settings for mail programs (the login is the whole address):");
  lines.push_back(fmt::format("  IMAP   {}, port {}, TLS", site.host_name, site.imaps_port));
  lines.push_back(fmt::format("  SMTP   {}, port {}, TLS", site.host_name, port_of(site.smtps)));
}

void add_records(Lines& lines, const Config& config) {
  lines.emplace_back();
  lines.emplace_back("To be published in DNS:");
  for (const auto& address : config.site.addresses)
    lines.push_back(fmt::format("  {}.  {}  {}", config.site.host_name,
                                address.find(':') == std::string::npos ? "A" : "AAAA", address));
  for (const auto& us : config.identities()) {
    lines.push_back(fmt::format("  {}.  MX  10 {}.", us.domain, config.site.host_name));
    lines.push_back(fmt::format("  {}.  TXT  \"v=spf1 mx -all\"", us.domain));
  }
}

void add_next_steps(Lines& lines, const Config& config, const std::optional<Instant>& trial_end) {
  lines.emplace_back();
  lines.emplace_back("Next:");
  if (config.site.accounts == config::Accounts::ledger) {
    lines.push_back(fmt::format("  pecctl mailbox passwd {}     (receipts that failed come there)",
                                config.site.operators_mailbox));
    lines.push_back(
        fmt::format("  pecctl mailbox add anna@{0} --holder \"Anna Rossi\"; pecctl mailbox "
                    "passwd anna@{0}",
                    config.provider.domain));
  }
  lines.emplace_back("  pecctl selftest                  at any time, and after every change");
  if (trial_end)
    lines.push_back(
        fmt::format("  This is a trial until {}: no other provider knows it, and every receipt "
                    "says so. The way "
                    "to the real thing is in install.md.",
                    utc_day(*trial_end)));
}

}  // namespace

Lines closing_words(const Config& config, const std::optional<Instant>& trial_end) {
  Lines lines{fmt::format("{} takes certified mail.", config.provider.domain)};
  add_mail_programs(lines, config.site);
  add_records(lines, config);
  add_next_steps(lines, config, trial_end);
  return lines;
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/domains.hpp"

#include "base/text.hpp"
#include "base/utc.hpp"
#include "config/option_checks.hpp"
#include "mime/address.hpp"
#include "pecctl/json.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec::pecctl {

namespace {

Result<std::string> domain_of(const std::string& name) {
  if (const auto problem = config::mail_domain(name); !problem.empty())
    return bad_input(fmt::format("\"{}\" {}", text::printable(name), problem));
  return text::lower(name);
}

Result<void> check_unit(const std::string& unit, const Config& config) {
  if (config.has_unit(unit)) return {};
  return bad_input(
      fmt::format("the configuration has no unit \"{}\": correct the name, or add it as "
                  "[[unit]]",
                  text::printable(unit)));
}

Result<void> check_not_our_own(const std::string& domain, const Config& config) {
  for (const auto& one : config.identities())
    if (text::lower(one.domain) == domain)
      return bad_input(
          fmt::format("{}: the configuration has it as the mail domain of {}, and it is "
                      "published as such",
                      domain, one.unit.empty() ? "the provider" : "a unit"));
  return {};
}

// "; 2 accounts are left in it ..."
std::string left_behind(const std::vector<Mailbox>& mailboxes, const std::string& domain) {
  const auto left = std::count_if(mailboxes.begin(), mailboxes.end(), [&](const Mailbox& mailbox) {
    return mailbox.created && mailbox.status.state != MailboxState::retired &&
           mime::domain_of(mailbox.address) == domain;
  });
  if (left == 0) return "";
  return fmt::format("; accounts left in it: {} (\"pecctl mailbox revoke\" ends one)", left);
}

}  // namespace

Result<Report> add_domains(SqlLedger& ledger, const std::vector<std::string>& names,
                           const std::string& unit, const Config& config, Instant now,
                           bool dry_run) {
  PEC_TRY_VOID(check_unit(unit, config));
  std::vector<ManagedDomain> domains;
  Report report;
  for (const auto& name : names) {
    PEC_TRY(const auto domain, domain_of(name));
    PEC_TRY_VOID(check_not_our_own(domain, config));
    domains.push_back({domain, unit, now});
    report.lines.push_back(fmt::format("{}: {}added; publish it with \"pecctl directory publish\"",
                                       domain, dry_run ? "would be " : ""));
  }
  if (dry_run) return report;
  PEC_TRY_VOID(ledger.add_domains(domains));
  return report;
}

Result<Report> remove_domains(SqlLedger& ledger, const std::vector<std::string>& names,
                              bool dry_run) {
  PEC_TRY(const auto known, ledger.domains());
  PEC_TRY(const auto mailboxes, ledger.mailboxes());
  std::vector<std::string> domains;
  Report report;
  for (const auto& name : names) {
    const auto domain = text::lower(name);
    if (std::none_of(known.begin(), known.end(),
                     [&](const auto& each) { return each.name == domain; }))
      return bad_input(
          fmt::format("\"{}\" is no domain that was added; \"pecctl domain list\" shows "
                      "those that were",
                      text::printable(name)));
    domains.push_back(domain);
    report.lines.push_back(fmt::format(
        "{}: {}removed; it stays certified until the directory without it is published{}", domain,
        dry_run ? "would be " : "", left_behind(mailboxes, domain)));
  }
  if (dry_run) return report;
  PEC_TRY_VOID(ledger.remove_domains(domains));
  return report;
}

Result<Report> list_domains(const SqlLedger& ledger) {
  PEC_TRY(const auto domains, ledger.domains());
  Report report;
  for (const auto& [name, unit, added] : domains)
    report.lines.push_back(
        text::printable(unit.empty() ? name : fmt::format("{}  unit \"{}\"", name, unit)));
  return report;
}

Result<std::string> list_domains_as_json(const SqlLedger& ledger) {
  PEC_TRY(const auto domains, ledger.domains());
  Json array = Json::array();
  for (const auto& [name, unit, added] : domains)
    array.push_back({{"name", name}, {"unit", unit}, {"added", utc_time(added)}});
  return json_text(array);
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl domain`: the mail domains that we manage, in the ledger. `pecctl directory publish`
// announces them to the providers' directory (RFC 6109, 4.5.5). A domain is certified once the
// directory has it.
//
//     comune.example: added; publish it with "pecctl directory publish"
//
// With --dry-run nothing is written, and the answer says what would change. Our own mail domains
// (provider.domain, and each unit's) are always published, and are not in the ledger. After an
// error nothing was changed.

#include "base/text.hpp"
#include "base/utc.hpp"
#include "config/option_checks.hpp"
#include "mime/address.hpp"
#include "pecctl/commands.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace pec::pecctl {

namespace {

struct Options {
  std::vector<std::string> names;
  std::string unit;  // our unit that manages them; empty: the main environment
  bool dry_run = false;
  bool json = false;
};

Result<std::string> domain_of(const std::string& name) {
  if (const auto problem = config::mail_domain(name); !problem.empty())
    return bad_input(fmt::format("\"{}\" {}", text::printable(name), problem));
  return text::lower(name);
}

Result<void> check_unit(const std::string& unit, const config::Config& config) {
  if (config.has_unit(unit)) return {};
  return bad_input(
      fmt::format("the configuration has no unit \"{}\": correct the name, or add it as "
                  "[[unit]]",
                  text::printable(unit)));
}

Result<void> check_not_our_own(const std::string& domain, const config::Config& config) {
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

// A domain that exists already moves to the given unit.
Result<Answer> add(const Context& context, const Options& options) {
  PEC_TRY(const auto site, context.open_site());
  PEC_TRY_VOID(check_unit(options.unit, site.config));
  const auto now = context.now();
  std::vector<ledger::ManagedDomain> domains;
  Answer answer;
  for (const auto& name : options.names) {
    PEC_TRY(const auto domain, domain_of(name));
    PEC_TRY_VOID(check_not_our_own(domain, site.config));
    domains.push_back({domain, options.unit, now});
    answer.lines.push_back(fmt::format("{}: {}added; publish it with \"pecctl directory publish\"",
                                       domain, options.dry_run ? "would be " : ""));
  }
  if (!options.dry_run) PEC_TRY_VOID(site.ledger->add_domains(domains));
  return answer;
}

// Reports how many of our accounts are left in a domain: they stay as they are.
Result<Answer> remove(const Context& context, const Options& options) {
  PEC_TRY(const auto site, context.open_site());
  PEC_TRY(const auto known, site.ledger->domains());
  PEC_TRY(const auto mailboxes, site.ledger->mailboxes());
  std::vector<std::string> domains;
  Answer answer;
  for (const auto& name : options.names) {
    const auto domain = text::lower(name);
    if (std::none_of(known.begin(), known.end(),
                     [&](const auto& each) { return each.name == domain; }))
      return bad_input(
          fmt::format("\"{}\" is not a domain that was added; \"pecctl domain list\" shows "
                      "those that were",
                      text::printable(name)));
    domains.push_back(domain);
    answer.lines.push_back(fmt::format(
        "{}: {}removed; it stays certified until the directory without it is published{}", domain,
        options.dry_run ? "would be " : "", left_behind(mailboxes, domain)));
  }
  if (!options.dry_run) PEC_TRY_VOID(site.ledger->remove_domains(domains));
  return answer;
}

// "comune.example", or for a unit "scuola.example  unit \"Unit 2\"". As JSON: an array of objects.
Result<Answer> list(const Context& context, const Options& options) {
  PEC_TRY(const auto site, context.open_site());
  PEC_TRY(const auto domains, site.ledger->domains());
  Answer answer;
  Json array = Json::array();
  for (const auto& [name, unit, added] : domains) {
    answer.lines.push_back(
        text::printable(unit.empty() ? name : fmt::format("{}  unit \"{}\"", name, unit)));
    array.push_back({{"name", name}, {"unit", unit}, {"added", utc_time(added)}});
  }
  return options.json ? Answer{{json_text(array)}} : answer;
}

}  // namespace

void add_domain(CLI::App& app, Command& chosen) {
  auto& group = add_group(app, "domain", "The mail domains that we manage");
  const auto options = std::make_shared<Options>();
  auto& adding = add_command(group, chosen, "add", "Have these published with our record",
                             [options](const Context& context) { return add(context, *options); });
  adding.add_option("--unit", options->unit, "The unit that manages them; left out: none of them");
  auto& removing =
      add_command(group, chosen, "remove", "Have these published no more",
                  [options](const Context& context) { return remove(context, *options); });
  for (auto* command : {&adding, &removing}) {
    command->add_option("DOMAIN", options->names, "Mail domains")->required();
    command->add_flag("--dry-run", options->dry_run, "Only say what would be done");
  }
  add_command(group, chosen, "list", "Those that were added, a line for each",
              [options](const Context& context) { return list(context, *options); })
      .add_flag("--json", options->json, "For programs: JSON");
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl directory check`: checks that the directory is right about us: mail to our domains comes
// to us, and our certificates last a while. A timer runs it daily.
//
// It reports each of our entries (units are entries of their own), and complains about
// - a unit that is in the directory but not in the configuration ([[unit]]), or the reverse;
// - a domain that `pecctl domain` has added but the directory doesn't have there, or the reverse if
//   any has been added: the directory is behind, or refuses it;
// - a domain without MX records, or with one that names a host outside directory_check.mx_hosts:
//   the DNS or the directory is behind;
// - a signing certificate of ours that is neither in the unit's entry nor in our main one, or that
//   ends within directory_check.expiry_days;
// - an entry whose certificates all end within that time. If only one of two ends, it is a renewal.

#include "base/text.hpp"
#include "pecctl/commands.hpp"
#include "pecctl/mx_lookup.hpp"
#include "smime/certificate.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <set>

namespace pec::pecctl {

namespace {

// The name of an entry of ours, in the directory or in the configuration.
template <class Named>
std::string name_of(const Named& ours) {
  return text::printable(ours.unit.empty() ? fmt::format("\"{}\"", ours.name)
                                           : fmt::format("unit \"{}\"", ours.unit));
}

// The problem with a domain's MX records; empty: none.
std::string mx_problem(const std::vector<std::string>& hosts,
                       const std::vector<std::string>& ours) {
  if (hosts.empty()) return "it has no MX record: certified mail to it can't come to us";
  for (const auto& host : hosts)
    if (std::find(ours.begin(), ours.end(), host) == ours.end())
      return fmt::format(
          "its mail goes to \"{}\", which directory_check.mx_hosts doesn't name: "
          "correct its MX record, or give up the domain in the directory",
          text::printable(host));
  return "";
}

void check_domain(const std::string& domain, MxLookup& dns, const std::vector<std::string>& ours,
                  Answer& answer) {
  const auto hosts = dns.hosts_of(domain);
  const auto problem = hosts ? mx_problem(*hosts, ours) : hosts.error().detail;
  if (!problem.empty()) answer.problems.push_back(fmt::format("{}: {}", domain, problem));
}

// Reports domains that were added or removed here but not in the directory. Without any added
// domain, the record is made elsewhere.
void compare_domains(const directory::ProvidersDirectory& directory,
                     const std::vector<ledger::ManagedDomain>& added, MxLookup& dns,
                     const config::Config& config, Answer& answer) {
  if (added.empty()) return;
  std::set<std::string, std::less<>> known;
  for (const auto& us : config.identities()) known.insert(text::lower(us.domain));
  for (const auto& [domain, unit, at] : added) {
    known.insert(domain);
    const auto* owner = directory.provider_of_domain(domain);
    const bool ours =
        owner != nullptr && text::equals_ignoring_case(owner->name, config.provider.name);
    if (ours && text::equals_ignoring_case(owner->unit, unit)) continue;
    answer.problems.push_back(fmt::format(
        "{}: it was added, and the directory doesn't have it in that entry of ours: run \"pecctl "
        "directory publish\", or ask why it isn't taken",
        domain));
    if (!ours) check_domain(domain, dns, config.directory_check.mx_hosts, answer);
  }
  for (const auto& entry : directory.providers())
    for (const auto& domain : entry.managed_domains)
      if (text::equals_ignoring_case(entry.name, config.provider.name) && !known.contains(domain))
        answer.problems.push_back(fmt::format(
            "{}: the directory has it as ours, and it was not added: run \"pecctl domain add\", or "
            "\"pecctl directory publish\" to give it up",
            domain));
}

Result<Instant> last_end(const Provider& entry) {
  Instant last{};
  for (const auto& der : entry.certificates) {
    PEC_TRY(const auto certificate, smime::certificate_from_der(der));
    PEC_TRY(const auto dates, smime::validity(*certificate));
    last = std::max(last, dates.not_after);
  }
  return last;
}

Result<void> check_entry(const Provider& entry, MxLookup& dns, const config::Config& config,
                         Instant limit, Answer& answer) {
  PEC_TRY(const auto last, last_end(entry));
  answer.lines.push_back(fmt::format("{}: domains: {}; certificates: {}, the last until {}",
                                     name_of(entry), entry.managed_domains.size(),
                                     entry.certificates.size(), smime::utc_text(last)));
  if (last < limit)
    answer.problems.push_back(fmt::format(
        "{}: the last of its certificates in the directory ends on {}: have it renewed, "
        "and publish the new one",
        name_of(entry), smime::utc_text(last)));
  for (const auto& domain : entry.managed_domains)
    check_domain(domain, dns, config.directory_check.mx_hosts, answer);
  return {};
}

// The problem with a signing certificate of ours; empty: none.
Result<std::string> certificate_problem(const config::Config::Provider& ours,
                                        const directory::ProvidersDirectory& directory,
                                        Instant limit) {
  PEC_TRY(const auto certificates, smime::certificates_from_pem_file(ours.certificate_file));
  const auto& certificate = *certificates.front();
  const auto* owner = directory.provider_of_certificate(smime::to_der(certificate));
  if (owner == nullptr || !text::equals_ignoring_case(owner->name, ours.name) ||
      (!text::equals_ignoring_case(owner->unit, ours.unit) && !owner->unit.empty()))
    return "is not in our entry: publish it";
  PEC_TRY(const auto dates, smime::validity(certificate));
  if (dates.not_after < limit)
    return fmt::format("ends on {}: have it renewed", smime::utc_text(dates.not_after));
  return std::string();
}

void check_signer(const config::Config::Provider& ours,
                  const directory::ProvidersDirectory& directory, Instant limit, Answer& answer) {
  const auto problem = certificate_problem(ours, directory, limit);
  if (!problem)
    answer.problems.push_back(problem.error().detail);
  else if (!problem->empty())
    answer.problems.push_back(fmt::format("{}: the certificate that {} signs with {}",
                                          ours.certificate_file.string(), name_of(ours), *problem));
}

// Error: bad_input if the directory has no entry of ours.
Result<Answer> check_directory(const directory::ProvidersDirectory& directory,
                               const std::vector<ledger::ManagedDomain>& added, MxLookup& dns,
                               const config::Config& config, Instant now) {
  const auto limit = now + std::chrono::days(config.directory_check.expiry_days);
  std::vector<Provider> entries = directory.providers();
  std::erase_if(entries, [&](const auto& entry) {
    return !text::equals_ignoring_case(entry.name, config.provider.name);
  });
  if (entries.empty())
    return bad_input(fmt::format("the directory has no entry of \"{}\"", config.provider.name));

  Answer answer;
  for (const auto& flaw : directory.flaws()) answer.problems.push_back(flaw.text());
  for (const auto& entry : entries) {
    PEC_TRY_VOID(check_entry(entry, dns, config, limit, answer));
    if (!config.has_unit(entry.unit))
      answer.problems.push_back(
          fmt::format("{}: the directory has it, and the configuration has not: add it as [[unit]]",
                      name_of(entry)));
  }
  compare_domains(directory, added, dns, config, answer);
  for (const auto& ours : config.identities()) {
    if (std::none_of(entries.begin(), entries.end(), [&](const auto& entry) {
          return text::equals_ignoring_case(entry.unit, ours.unit);
        }))
      answer.problems.push_back(fmt::format(
          "{}: the configuration has it, and the directory has not: publish it", name_of(ours)));
    check_signer(ours, directory, limit, answer);
  }
  return answer;
}

Result<Answer> check(const Context& context) {
  PEC_TRY(const auto site, context.open_site({config::FileUse::trust}));
  const auto& options = site.config.directory_check;
  if (options.mx_hosts.empty())
    return bad_input("directory_check.mx_hosts doesn't name our mail servers: list them");
  PEC_TRY(const auto directory, context.open_directory(site.config));
  PEC_TRY(const auto domains, site.ledger->domains());
  MxLookup dns(options.resolver);
  return check_directory(*directory, domains, dns, site.config, context.now());
}

}  // namespace

void add_directory_check(CLI::App& group, Command& chosen) {
  add_command(group, chosen, "check",
              "Whether mail to our domains comes to us, and our certificates last", check)
      .footer("Exit status: 0 if all is well; 1 if not, with a line for each problem.");
}

}  // namespace pec::pecctl

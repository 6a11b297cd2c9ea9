// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/directory_check.hpp"

#include "base/text.hpp"
#include "smime/certificate.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <set>

namespace pec::pecctl {

namespace {

// Of an entry, or of what the configuration says of us.
template <class Named>
std::string name_of(const Named& ours) {
  return text::printable(ours.unit.empty() ? fmt::format("\"{}\"", ours.name)
                                           : fmt::format("unit \"{}\"", ours.unit));
}

// What is wrong with a domain's MX records, or nothing.
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

void check_domain(const std::string& domain, const MxHosts& mx_hosts,
                  const std::vector<std::string>& ours, Report& report) {
  const auto hosts = mx_hosts(domain);
  const auto problem = hosts ? mx_problem(*hosts, ours) : hosts.error().detail;
  if (!problem.empty()) report.problems.push_back(fmt::format("{}: {}", domain, problem));
}

// What was added or removed here and the directory doesn't follow. One who has added none has the
// record made elsewhere.
void compare_domains(const directory::ProvidersDirectory& directory,
                     const std::vector<ManagedDomain>& added, const MxHosts& mx_hosts,
                     const Config& config, Report& report) {
  if (added.empty()) return;
  std::set<std::string, std::less<>> known;
  for (const auto& us : config.identities()) known.insert(text::lower(us.domain));
  for (const auto& [domain, unit, at] : added) {
    known.insert(domain);
    const auto* owner = directory.provider_of_domain(domain);
    const bool ours =
        owner != nullptr && text::equals_ignoring_case(owner->name, config.provider.name);
    if (ours && text::equals_ignoring_case(owner->unit, unit)) continue;
    report.problems.push_back(fmt::format(
        "{}: it was added, and the directory doesn't have it in that entry of ours: run \"pecctl "
        "directory publish\", or ask why it isn't taken",
        domain));
    if (!ours) check_domain(domain, mx_hosts, config.directory_check.mx_hosts, report);
  }
  for (const auto& entry : directory.providers())
    for (const auto& domain : entry.managed_domains)
      if (text::equals_ignoring_case(entry.name, config.provider.name) && !known.contains(domain))
        report.problems.push_back(fmt::format(
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

Result<void> check_entry(const Provider& entry, const MxHosts& mx_hosts, const Config& config,
                         Instant limit, Report& report) {
  PEC_TRY(const auto last, last_end(entry));
  report.lines.push_back(fmt::format("{}: domains: {}; certificates: {}, the last until {}",
                                     name_of(entry), entry.managed_domains.size(),
                                     entry.certificates.size(), smime::utc_text(last)));
  if (last < limit)
    report.problems.push_back(fmt::format(
        "{}: the last of its certificates in the directory ends on {}: have it renewed, "
        "and publish the new one",
        name_of(entry), smime::utc_text(last)));
  for (const auto& domain : entry.managed_domains)
    check_domain(domain, mx_hosts, config.directory_check.mx_hosts, report);
  return {};
}

// What is wrong with the certificate that one of us signs with, or nothing.
Result<std::string> certificate_problem(const Config::Provider& ours,
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

void check_signer(const Config::Provider& ours, const directory::ProvidersDirectory& directory,
                  Instant limit, Report& report) {
  const auto problem = certificate_problem(ours, directory, limit);
  if (!problem)
    report.problems.push_back(problem.error().detail);
  else if (!problem->empty())
    report.problems.push_back(fmt::format("{}: the certificate that {} signs with {}",
                                          ours.certificate_file.string(), name_of(ours), *problem));
}

}  // namespace

Result<Report> check_directory(const directory::ProvidersDirectory& directory,
                               const std::vector<ManagedDomain>& added, const MxHosts& mx_hosts,
                               const Config& config, Instant now) {
  const auto limit = now + std::chrono::days(config.directory_check.expiry_days);
  std::vector<Provider> entries = directory.providers();
  std::erase_if(entries, [&](const auto& entry) {
    return !text::equals_ignoring_case(entry.name, config.provider.name);
  });
  if (entries.empty())
    return bad_input(fmt::format("the directory has no entry of \"{}\"", config.provider.name));

  Report report;
  for (const auto& flaw : directory.flaws()) report.problems.push_back(flaw.text());
  for (const auto& entry : entries) {
    PEC_TRY_VOID(check_entry(entry, mx_hosts, config, limit, report));
    if (!config.has_unit(entry.unit))
      report.problems.push_back(
          fmt::format("{}: the directory has it, and the configuration has not: add it as [[unit]]",
                      name_of(entry)));
  }
  compare_domains(directory, added, mx_hosts, config, report);
  for (const auto& ours : config.identities()) {
    if (std::none_of(entries.begin(), entries.end(), [&](const auto& entry) {
          return text::equals_ignoring_case(entry.unit, ours.unit);
        }))
      report.problems.push_back(fmt::format(
          "{}: the configuration has it, and the directory has not: publish it", name_of(ours)));
    check_signer(ours, directory, limit, report);
  }
  return report;
}

}  // namespace pec::pecctl

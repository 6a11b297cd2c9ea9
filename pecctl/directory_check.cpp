#include "directory_check.hpp"

#include "base/text.hpp"
#include "smime/certificate.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace pec::pecctl {

namespace {

std::string name_of(const Provider& entry) {
  return text::printable(entry.unit.empty() ? fmt::format("\"{}\"", entry.name)
                                            : fmt::format("unit \"{}\"", entry.unit));
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

void check_domains(const Provider& entry, const MxHosts& mx_hosts,
                   const std::vector<std::string>& ours, Report& report) {
  for (const auto& domain : entry.managed_domains) {
    const auto hosts = mx_hosts(domain);
    const auto problem = hosts ? mx_problem(*hosts, ours) : hosts.error().detail;
    if (!problem.empty()) report.problems.push_back(fmt::format("{}: {}", domain, problem));
  }
}

Result<Instant> last_end(const Provider& entry) {
  Instant last{};
  for (const auto& der : entry.certificates) {
    const auto certificate = smime::certificate_from_der(der);
    if (!certificate) return tl::unexpected(certificate.error());
    const auto dates = smime::validity(**certificate);
    if (!dates) return tl::unexpected(dates.error());
    last = std::max(last, dates->not_after);
  }
  return last;
}

}  // namespace

Result<Report> check_directory(const directory::ProvidersDirectory& directory,
                               const MxHosts& mx_hosts, const Config& config,
                               const X509& certificate, Instant now) {
  const auto& options = config.directory_check;
  const auto limit = now + std::chrono::days(options.expiry_days);
  Report report;
  for (const auto& entry : directory.providers()) {
    if (entry.name != config.provider.name) continue;
    const auto last = last_end(entry);
    if (!last) return tl::unexpected(last.error());
    report.lines.push_back(fmt::format("{}: domains: {}; certificates: {}, the last until {}",
                                       name_of(entry), entry.managed_domains.size(),
                                       entry.certificates.size(), smime::utc_text(*last)));
    if (*last < limit)
      report.problems.push_back(
          fmt::format("{}: the last of its certificates in the directory ends on {}: have it "
                      "renewed, and publish the new one",
                      name_of(entry), smime::utc_text(*last)));
    check_domains(entry, mx_hosts, options.mx_hosts, report);
  }
  if (report.lines.empty())
    return bad_input(fmt::format("the directory has no entry of \"{}\"", config.provider.name));

  const auto* owner = directory.provider_of_certificate(smime::to_der(certificate));
  if (owner == nullptr || owner->name != config.provider.name)
    report.problems.push_back(
        fmt::format("{}: the certificate that we sign with is in no entry of ours: publish it",
                    config.provider.certificate_file.string()));
  const auto dates = smime::validity(certificate);
  if (!dates) return tl::unexpected(dates.error());
  if (dates->not_after < limit)
    report.problems.push_back(
        fmt::format("{}: the certificate that we sign with ends on {}: have it renewed",
                    config.provider.certificate_file.string(), smime::utc_text(dates->not_after)));
  return report;
}

}  // namespace pec::pecctl

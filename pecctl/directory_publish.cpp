// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl directory publish`: writes our own record for the providers' directory, which fetches it
// once a day (RFC 6109, 4.5), as a CMS signed with the provider's key. A web server serves the
// file. After an error the file stays as it was.

#include "base/text.hpp"
#include "directory/providers_directory.hpp"
#include "pecctl/commands.hpp"
#include "pecctl/directory_record.hpp"
#include "pecctl/replacement.hpp"
#include "smime/certificate.hpp"
#include "smime/cms_signer.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <utility>

namespace pec::pecctl {

namespace {

using directory::ProvidersDirectory;

Result<void> check_options(const config::Config& config,
                           const std::vector<ledger::ManagedDomain>& domains) {
  if (config.directory_publish.url.empty())
    return bad_input(
        "directory_publish.url doesn't say where the directory fetches our record from");
  for (const auto& domain : domains)
    if (!config.has_unit(domain.unit))
      return bad_input(fmt::format(
          "{}: it is the domain of unit \"{}\", which the configuration doesn't have: add it as "
          "[[unit]], or add the domain again with another --unit",
          domain.name, text::printable(domain.unit)));
  return {};
}

tl::unexpected<Error> refused(std::string why) {
  return fail(Fault::rejected, "invalid input",
              std::move(why) + "; if that is right, run this with --force");
}

Result<void> compare_domains(const ProvidersDirectory& in_use, const ProvidersDirectory& record,
                             const config::Config& config) {
  const auto loss = directory::domains_lost(in_use, record, config.provider.name);
  if (!loss.exceeds(config.directory.max_shrink_percent)) return {};
  return refused(fmt::format(
      "{} of the {} domains that the directory in use has of us would go, {} among them, and "
      "directory.max_shrink_percent lets {}% go at once",
      loss.gone, loss.all, loss.first, config.directory.max_shrink_percent));
}

Result<void> compare_certificates(const ProvidersDirectory& in_use,
                                  const ProvidersDirectory& record, const config::Config& config,
                                  Instant now) {
  for (const auto& entry : in_use.providers()) {
    if (!text::equals_ignoring_case(entry.name, config.provider.name)) continue;
    for (std::size_t i = 0; i < entry.certificates.size(); ++i) {
      if (record.provider_of_certificate(entry.certificates[i]) != nullptr) continue;
      PEC_TRY(const auto certificate, smime::certificate_from_der(entry.certificates[i]));
      PEC_TRY(const auto dates, smime::validity(*certificate));
      if (dates.not_after < now) continue;
      return refused(fmt::format(
          "certificate {} would go, which the directory in use has of us, and which is valid until "
          "{}: mail that was signed with it could not be verified any more; name it in "
          "other_certificate_file",
          entry.certificate_hashes[i], smime::utc_text(dates.not_after)));
    }
  }
  return {};
}

// Reads the record as every reader will. None of our entries may be flawed.
Result<std::shared_ptr<const ProvidersDirectory>> read_whole(const std::string& record) {
  auto ours = ProvidersDirectory::from_ldif(record);
  if (ours && !(*ours)->flaws().empty()) return bad_input((*ours)->flaws().front().what);
  return ours;
}

// Checks whether the record may replace our entries in the directory in use. A forgotten domain
// would make certified mail ordinary. Error: rejected, if
//   - the directory gives a domain of the record to another provider;
//   - more than directory.max_shrink_percent of our domains there would go;
//   - a certificate of ours there that is still valid would go: mail signed with it is on its way.
Result<void> compare_with_directory(const ProvidersDirectory& in_use, const std::string& record,
                                    const config::Config& config, Instant now) {
  PEC_TRY(const auto ours, read_whole(record));
  for (const auto& entry : ours->providers())
    for (const auto& domain : entry.managed_domains)
      if (const auto* owner = in_use.provider_of_domain(domain);
          owner != nullptr && !text::equals_ignoring_case(owner->name, entry.name))
        return refused(
            fmt::format("{}: the directory in use gives it to \"{}\", who must give it up first",
                        domain, text::printable(owner->name)));
  PEC_TRY_VOID(compare_domains(in_use, *ours, config));
  return compare_certificates(in_use, *ours, config, now);
}

// Signs it and puts it in place.
Result<Answer> publish_record(const Context& context, const std::string& record,
                              const config::Config& config, Instant now) {
  const auto& target = config.directory_publish.file;
  if (target.empty())
    return bad_input("directory_publish.file doesn't say where to put our record");
  PEC_TRY(const auto ours, read_whole(record));
  PEC_TRY(const auto signer, context.signer(config, config.provider));
  PEC_TRY_VOID(signer->check_validity(now));
  PEC_TRY(const auto signed_record, signer->sign_enclosed(mime::Rope(record), now));
  PEC_TRY(auto file, Replacement::write(target, signed_record));
  PEC_TRY_VOID(file.put_in_place());
  return Answer{{fmt::format("{}: {} entries, {} domains", target.string(),
                             ours->providers().size(), ours->domain_count())}};
}

Result<Answer> publish(const Context& context, bool force) {
  PEC_TRY(const auto site, context.open_site({config::FileUse::trust, config::FileUse::signing,
                                              config::FileUse::publishing}));
  PEC_TRY(const auto domains, site.ledger->domains());
  PEC_TRY_VOID(check_options(site.config, domains));
  PEC_TRY(const auto record, directory_record(site.config, domains));
  const auto now = context.now();
  if (!force) {
    PEC_TRY(const auto directory, context.open_directory(site.config));
    PEC_TRY_VOID(compare_with_directory(*directory, record, site.config, now));
  }
  return publish_record(context, record, site.config, now);
}

}  // namespace

void add_directory_publish(CLI::App& group, Command& chosen) {
  const auto force = std::make_shared<bool>(false);
  auto& command =
      add_command(group, chosen, "publish",
                  "Sign our own record, with the domains of \"pecctl domain\", and put it in place",
                  [force](const Context& context) { return publish(context, *force); });
  command.add_flag("--force", *force, "Whatever it takes from what the directory in use has of us");
  command.footer("Exit status: 0 if it is in place; 1 if not, and then nothing was changed.");
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/commands.hpp"

#include "antivirus/virus_store.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "config/file_checks.hpp"
#include "directory/directory_keeper.hpp"
#include "ledger/database.hpp"
#include "ledger/sql_ledger.hpp"
#include "pec/stamp.hpp"
#include "pecctl/crl.hpp"
#include "pecctl/directory_check.hpp"
#include "pecctl/directory_publish.hpp"
#include "pecctl/directory_sync.hpp"
#include "pecctl/domains.hpp"
#include "pecctl/incidents.hpp"
#include "pecctl/kept_viruses.hpp"
#include "pecctl/logins.hpp"
#include "pecctl/mailbox_changes.hpp"
#include "pecctl/mailbox_report.hpp"
#include "pecctl/mx_lookup.hpp"
#include "pecctl/password.hpp"
#include "pecctl/reissue.hpp"
#include "pecctl/resend.hpp"
#include "pecctl/service_user.hpp"
#include "pecctl/status.hpp"
#include "pecctl/submit.hpp"
#include "pecctl/timeouts.hpp"
#include "pecctl/tls_policy.hpp"
#include "smime/hmac.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <memory>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace pec::pecctl {

namespace {

// SQLite makes files beside the ledger, and those that root makes are closed to the service's user
// until SQLite has given them away. For the same reason root doesn't create the ledger.
Result<void> become_owner_of_ledger(const std::string& file) {
  if (geteuid() != 0) return {};
  struct stat status {};
  if (stat(file.c_str(), &status) != 0)
    return unavailable(
        fmt::format("ledger {}: {}; root doesn't create it, since the service's user "
                    "couldn't write it: start pec-milter once, or run this as the "
                    "service's user",
                    file, errno_text(errno)));
  return become_owner(status, "ledger " + file);
}

Result<std::unique_ptr<SqlLedger>> open_ledger(const Config& config) {
  PEC_TRY(const auto file, ledger::Database::file_of(config.ledger.connection));
  PEC_TRY_VOID(file ? become_owner_of_ledger(*file) : become_service_user(config));
  return SqlLedger::open(config.ledger.connection);
}

// What most commands work on.
struct Site {
  Config config;
  std::unique_ptr<SqlLedger> ledger;
};

// `uses`: beside the ledger.
Result<Site> open_site(const Request& request, std::set<FileUse> uses = {}) {
  uses.insert(FileUse::ledger);
  PEC_TRY(auto config, load_safe_config(request.config_file, uses));
  PEC_TRY(auto ledger, open_ledger(config));
  return Site{std::move(config), std::move(ledger)};
}

Result<std::shared_ptr<const directory::ProvidersDirectory>> open_directory(const Config& config) {
  const SystemClock clock;
  PEC_TRY(const auto directory, directory::DirectoryKeeper::open(config.directory, clock));
  return directory->providers();
}

struct OurMailbox {
  Site site;
  std::string address, new_address;
};

// The addresses are looked at before the ledger is opened: a slip of the pen makes no ledger.
Result<OurMailbox> open_mailbox(const Request& request) {
  PEC_TRY(auto config, load_safe_config(request.config_file, {FileUse::ledger, FileUse::trust}));
  PEC_TRY(const auto directory, open_directory(config));
  OurMailbox opened;
  if (!request.new_address.empty()) {
    PEC_TRY(const auto address, our_mailbox(request.new_address, *directory, config));
    opened.new_address = address;
  }
  const auto address = our_mailbox(request.address, *directory, config);
  if (!address) return tl::unexpected(address.error());
  opened.address = *address;
  PEC_TRY(auto ledger, open_ledger(config));
  opened.site = {std::move(config), std::move(ledger)};
  return opened;
}

template <class Change>
Result<Answer> change_mailbox(const Request& request, const Change& change) {
  PEC_TRY(const auto opened, open_mailbox(request));
  MailboxChanges changes(*opened.site.ledger, SystemClock(),
                         {.dry_run = request.dry_run, .confirmed = request.confirmed});
  PEC_TRY(const auto told, change(changes, opened));
  return Answer(told);
}

SmtpSubmitter receipts_service(const Config& config) {
  return {config.internal.receipts_address, "posta-certificata@" + config.provider.domain};
}

// What the commands on the virus store work on.
struct Viruses {
  LegalTime zone;
  std::unique_ptr<antivirus::FolderVirusStore> store;
};

Result<Viruses> open_viruses(const Request& request) {
  PEC_TRY(const auto config, load_safe_config(request.config_file, {FileUse::viruses}));
  const auto& folder = config.antivirus.store_dir;
  // A virus is nothing for root to handle. That there is no such folder open() tells.
  struct stat status {};
  if (geteuid() == 0 && stat(folder.c_str(), &status) == 0)
    PEC_TRY_VOID(become_owner(status, "virus store " + folder.string()));
  PEC_TRY(auto store, antivirus::FolderVirusStore::open(folder, 0));
  return Viruses{LegalTime(config.provider.time_zone), std::move(store)};
}

}  // namespace

Result<Answer> run_mailbox_list(const Request& request) {
  PEC_TRY(const auto site, open_site(request));
  return request.json ? list_mailboxes_as_json(*site.ledger)
                      : list_mailboxes(*site.ledger, LegalTime(site.config.provider.time_zone));
}

Result<Answer> run_mailbox_show(const Request& request) {
  PEC_TRY(const auto opened, open_mailbox(request));
  const auto& site = opened.site;
  return request.json ? show_mailbox_as_json(*site.ledger, opened.address)
                      : show_mailbox(*site.ledger, opened.address,
                                     LegalTime(site.config.provider.time_zone));
}

Result<Answer> run_mailbox_add(const Request& request) {
  return change_mailbox(request, [&](MailboxChanges& changes, const OurMailbox& mailbox) {
    return changes.add(mailbox.address, request.holder.value_or(""), request.contacts.value_or(""));
  });
}

Result<Answer> run_mailbox_set(const Request& request) {
  MailboxChanges::Settings settings{{}, request.holder, request.contacts};
  if (request.closed || request.open) settings.closed = request.closed;
  return change_mailbox(request, [&](MailboxChanges& changes, const OurMailbox& mailbox) {
    return changes.set(mailbox.address, settings);
  });
}

Result<Answer> run_mailbox_rename(const Request& request) {
  return change_mailbox(request, [&](MailboxChanges& changes, const OurMailbox& mailbox) {
    return changes.rename(mailbox.address, mailbox.new_address);
  });
}

Result<Answer> run_mailbox_block(const Request& request) {
  return change_mailbox(request, [&](MailboxChanges& changes, const OurMailbox& mailbox) {
    return changes.block(mailbox.address, request.reason);
  });
}

Result<Answer> run_mailbox_unblock(const Request& request) {
  return change_mailbox(request, [](MailboxChanges& changes, const OurMailbox& mailbox) {
    return changes.unblock(mailbox.address);
  });
}

Result<Answer> run_mailbox_revoke(const Request& request) {
  return change_mailbox(request, [&](MailboxChanges& changes, const OurMailbox& mailbox) {
    return changes.revoke(mailbox.address, request.reason);
  });
}

Result<Answer> run_mailbox_restore(const Request& request) {
  return change_mailbox(request, [](MailboxChanges& changes, const OurMailbox& mailbox) {
    return changes.restore(mailbox.address);
  });
}

Result<Answer> run_mailbox_purge(const Request& request) {
  return change_mailbox(request, [](MailboxChanges& changes, const OurMailbox& mailbox) {
    return changes.purge(mailbox.address);
  });
}

Result<Answer> run_mailbox_passwd(const Request& request) {
  return change_mailbox(
      request, [](MailboxChanges& changes, const OurMailbox& mailbox) -> Result<std::string> {
        PEC_TRY(const auto password, read_password("New password of " + mailbox.address));
        PEC_TRY(const auto hash, hash_password(password));
        return changes.set_password(mailbox.address, hash);
      });
}

Result<Answer> run_status(const Request& request) {
  PEC_TRY(const auto site, open_site(request));
  const LegalTime zone(site.config.provider.time_zone);
  PEC_TRY(const auto report, status(*site.ledger, zone));
  return Answer(report.lines, report.all_good ? 0 : 1);
}

Result<Answer> run_logins(const Request& request) {
  PEC_TRY(const auto site, open_site(request));
  const LegalTime zone(site.config.provider.time_zone);
  return list_failed_logins(*site.ledger, zone, SystemClock().now());
}

Result<Answer> run_logins_forget(const Request& request) {
  PEC_TRY(const auto site, open_site(request));
  return forget_failed_logins(*site.ledger, request.whose, SystemClock().now());
}

Result<Answer> run_timeouts(const Request& request) {
  PEC_TRY(const auto site,
          open_site(request, request.dry_run ? std::set<FileUse>() : std::set{FileUse::secrets}));
  if (request.dry_run) return show_due_notices(*site.ledger, SystemClock(), site.config);
  PEC_TRY(const auto secret, smime::HmacAuthenticator::from_file(site.config.internal.secret_file));
  auto receipts = receipts_service(site.config);
  return send_due_notices(*site.ledger, receipts, secret, SystemClock(), site.config);
}

Result<Answer> run_incidents(const Request& request) {
  PEC_TRY(const auto site, open_site(request));
  const LegalTime zone(site.config.provider.time_zone);
  return list_incidents(*site.ledger, zone, request.all);
}

Result<Answer> run_resolve(const Request& request) {
  PEC_TRY(const auto site, open_site(request));
  return resolve_incidents(*site.ledger, SystemClock(), request.pec_id, request.recipient);
}

Result<Answer> run_reissue(const Request& request) {
  PEC_TRY(const auto site, open_site(request, {FileUse::secrets}));
  PEC_TRY(const auto host_group,
          smime::HmacAuthenticator::from_file(site.config.internal.secret_file));
  PEC_TRY(const auto delivery,
          smime::HmacAuthenticator::from_file(site.config.internal.delivery_secret_file));
  auto receipts = receipts_service(site.config);
  return reissue_receipts(*site.ledger, receipts, host_group, delivery, SystemClock(),
                          request.pec_id, request.recipient);
}

Result<Answer> run_resend(const Request& request) {
  PEC_TRY(const auto site, open_site(request, {FileUse::secrets}));
  PEC_TRY(const auto host_group,
          smime::HmacAuthenticator::from_file(site.config.internal.secret_file));
  auto receipts = receipts_service(site.config);
  return resend_receipts(*site.ledger, receipts, host_group, SystemClock(), request.pec_id,
                         request.recipient);
}

namespace {

// Where the administrator names them, no directory need be there; else it is read without asking for
// the very lists that are to be fetched.
Result<std::set<CrlSource>> sources_of_crls(const Config& config, Instant now) {
  std::set<CrlSource> named;
  for (const auto& url : config.trust.crl_urls) named.insert({url});
  if (!named.empty()) return named;
  auto reading = config;
  reading.directory.ask_revocation = false;
  PEC_TRY(const auto directory, open_directory(reading));
  PEC_TRY(const auto signer, directory_signer(reading.directory, now));
  return crl_sources(*directory, signer);
}

}  // namespace

Result<Answer> run_crl_update(const Request& request) {
  PEC_TRY(const auto config, load_safe_config(request.config_file, {FileUse::trust}));
  if (config.trust.crl_file.empty())
    return bad_input(
        fmt::format("{}: trust.crl_file names no file to keep CRLs in", request.config_file));
  PEC_TRY_VOID(become_service_user(config));
  const auto now = SystemClock().now();
  PEC_TRY(const auto sources, sources_of_crls(config, now));
  HttpFetcher web({.scheme = "http"});
  return update_crls(web, sources, config, now);
}

Result<Answer> run_directory_sync(const Request& request) {
  PEC_TRY(const auto config,
          load_safe_config(request.config_file, {FileUse::trust, FileUse::fetching}));
  PEC_TRY_VOID(become_service_user(config));
  PEC_TRY(auto index, open_index(config.directory_sync));
  return sync_directory(index, config, SystemClock().now(), request.force);
}

Result<Answer> run_directory_check(const Request& request) {
  PEC_TRY(const auto site, open_site(request, {FileUse::trust}));
  const auto& options = site.config.directory_check;
  if (options.mx_hosts.empty())
    return bad_input("directory_check.mx_hosts doesn't name our mail servers: list them");
  PEC_TRY(const auto directory, open_directory(site.config));
  PEC_TRY(const auto domains, site.ledger->domains());
  MxLookup dns(options.resolver);
  const auto hosts_of = [&](const std::string& domain) { return dns.hosts_of(domain); };
  return check_directory(*directory, domains, hosts_of, site.config, SystemClock().now());
}

Result<Answer> run_directory_publish(const Request& request) {
  PEC_TRY(const auto site,
          open_site(request, {FileUse::trust, FileUse::signing, FileUse::publishing}));
  PEC_TRY(const auto domains, site.ledger->domains());
  PEC_TRY(const auto record, our_record(site.config, domains));
  const Instant now = SystemClock().now();
  if (!request.force) {
    PEC_TRY(const auto directory, open_directory(site.config));
    PEC_TRY_VOID(compare_with_directory(*directory, record, site.config, now));
  }
  return publish_record(record, site.config, now);
}

Result<Answer> run_domain_add(const Request& request) {
  PEC_TRY(const auto site, open_site(request));
  return add_domains(*site.ledger, request.domains, request.unit, site.config, SystemClock().now(),
                     request.dry_run);
}

Result<Answer> run_domain_remove(const Request& request) {
  PEC_TRY(const auto site, open_site(request));
  return remove_domains(*site.ledger, request.domains, request.dry_run);
}

Result<Answer> run_domain_list(const Request& request) {
  PEC_TRY(const auto site, open_site(request));
  if (request.json) return list_domains_as_json(*site.ledger);
  return list_domains(*site.ledger);
}

Result<Answer> run_tls_policy(const Request& request) {
  PEC_TRY(const auto config,
          load_safe_config(request.config_file, {FileUse::trust, FileUse::fetching}));
  // A file that root names may lie where the service's user can't write.
  if (request.policy_file.empty()) PEC_TRY_VOID(become_service_user(config));
  PEC_TRY(const auto directory, open_directory(config));
  return write_tls_policy(*directory, config.directory_sync, request.policy_file);
}

Result<Answer> run_virus_list(const Request& request) {
  PEC_TRY(const auto viruses, open_viruses(request));
  return list_viruses(*viruses.store, viruses.zone);
}

Result<Answer> run_virus_show(const Request& request) {
  PEC_TRY(const auto viruses, open_viruses(request));
  if (!request.message_file.empty()) {
    PEC_TRY_VOID(export_virus(*viruses.store, request.virus_id, request.message_file));
  }
  return show_virus(*viruses.store, viruses.zone, request.virus_id);
}

Result<Answer> run_virus_prune(const Request& request) {
  PEC_TRY(const auto viruses, open_viruses(request));
  return prune_viruses(*viruses.store, viruses.zone, SystemClock().now(), request.dry_run);
}

}  // namespace pec::pecctl

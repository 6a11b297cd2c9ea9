// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/context.hpp"

#include "antivirus/virus_store.hpp"
#include "base/file.hpp"
#include "base/ids.hpp"
#include "directory/directory_keeper.hpp"
#include "directory/our_entry.hpp"
#include "ledger/database.hpp"
#include "service/dovecot_quota.hpp"
#include "smime/certificate.hpp"
#include "smime/cms_signer.hpp"
#include "smime/cms_verifier.hpp"

#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pec::pecctl {

namespace {

// Only root gets here.
Result<void> become_owner(const struct stat& status, const std::string& what) {
  return become(status.st_uid, status.st_gid, "the owner of " + what);
}

// SQLite makes files beside the ledger. If root makes them, the service's user can't open them
// until SQLite has changed their owner. For the same reason root doesn't create the ledger.
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

}  // namespace

Result<void> become(uid_t user, gid_t group, const std::string& who) {
  if (setgroups(0, nullptr) == 0 && setgid(group) == 0 && setuid(user) == 0) return {};
  return unavailable(
      fmt::format("can't act as {}: {}; run this as the service's user", who, errno_text(errno)));
}

std::string Context::new_id() const {
  return RandomIdSource().next(now());
}

Result<Site> Context::open_site(std::set<config::FileUse> uses) const {
  uses.insert(config::FileUse::ledger);
  PEC_TRY(auto config, load_config(uses));
  PEC_TRY(auto ledger, open_ledger(config));
  return Site{std::move(config), std::move(ledger)};
}

Result<std::unique_ptr<ledger::SqlLedger>> Context::open_ledger(
    const config::Config& config) const {
  PEC_TRY(const auto file, ledger::Database::file_of(config.ledger.connection));
  PEC_TRY_VOID(file ? become_owner_of_ledger(*file) : become_service_user(config));
  return ledger::SqlLedger::open(config.ledger.connection);
}

Result<std::shared_ptr<const directory::ProvidersDirectory>> Context::open_directory(
    const config::Config& config) const {
  PEC_TRY(const auto directory, directory::DirectoryKeeper::open(config.directory, clock));
  return directory->providers();
}

Result<std::unique_ptr<directory::DirectoryKeeper>> Context::open_directory_of_ours(
    const config::Config& config) const {
  std::vector<directory::OurEntry> ours;
  for (const auto& us : config.identities()) {
    PEC_TRY(const auto chain, smime::certificates_from_pem_file(us.certificate_file));
    ours.push_back(
        {us.name, us.unit, us.domain, us.certificate_file, smime::to_der(*chain.front())});
  }
  return directory::DirectoryKeeper::open(config.directory, clock,
                                          [ours](const directory::ProvidersDirectory& fresh) {
                                            return directory::check_ours(ours, fresh);
                                          });
}

Result<std::unique_ptr<smime::CmsVerifier>> Context::verifier(const config::Config& config) const {
  const auto& trust = config.trust;
  return smime::CmsVerifier::load(trust.ca_file, trust.crl_file,
                                  std::chrono::hours(trust.crl_grace_hours));
}

std::unique_ptr<Quotas> Context::quotas(const config::Config& config) const {
  const auto& socket = config.quota.dovecot_socket;
  if (socket.empty()) return nullptr;
  return std::make_unique<service::DovecotQuotas>(socket, std::chrono::seconds(5));
}

Result<ReceiptsService> Context::receipts_service(const config::Config& config) const {
  PEC_TRY(const auto secret, smime::HmacAuthenticator::from_file(config.internal.secret_file));
  return ReceiptsService{
      {config.internal.receipts_address, "posta-certificata@" + config.provider.domain}, secret};
}

Result<std::unique_ptr<smime::CmsSigner>> Context::signer(
    const config::Config& config, const config::Config::Provider& us) const {
  return smime::CmsSigner::load(us.certificate_file, us.key_file,
                                std::chrono::hours(config.trust.stop_signing_hours));
}

Result<std::unique_ptr<antivirus::FolderVirusStore>> Context::open_viruses(
    const config::Config& config) const {
  const auto& folder = config.antivirus.store_dir;
  // Root should not handle a virus. If the folder is missing, open() reports it.
  struct stat status {};
  if (geteuid() == 0 && stat(folder.c_str(), &status) == 0)
    PEC_TRY_VOID(become_owner(status, "virus store " + folder.string()));
  return antivirus::FolderVirusStore::open(folder, 0);
}

Result<void> Context::become_service_user(const config::Config& config) const {
  if (geteuid() != 0) return {};
  const auto& secret = config.internal.secret_file;
  struct stat status {};
  if (stat(secret.c_str(), &status) != 0)
    return unavailable(
        fmt::format("{}: {}; run this as the service's user", secret.string(), errno_text(errno)));
  return become_owner(status, secret.string());
}

}  // namespace pec::pecctl

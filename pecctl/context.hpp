// SPDX-License-Identifier: GPL-2.0-or-later

// Opens what a command needs. Nothing else in pecctl opens a ledger, a directory, a key or the
// virus store.
//
//     PEC_TRY(const auto site, context.open_site());
//     PEC_TRY(const auto domains, site.ledger->domains());
//
// If root runs it, the whole process becomes the service's user, for good: the service could not
// use files that root makes. Errors: one sentence for the administrator. Only while there is one
// thread.
#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "config/file_checks.hpp"
#include "directory/providers_directory.hpp"
#include "ledger/sql_ledger.hpp"
#include "pec/ports.hpp"
#include "pec/stamp.hpp"
#include "pecctl/submit.hpp"
#include "smime/hmac.hpp"

#include <memory>
#include <set>
#include <string>
#include <sys/types.h>

namespace pec::antivirus {
class FolderVirusStore;
}
namespace pec::directory {
class DirectoryKeeper;
}
namespace pec::smime {
class CmsSigner;
class CmsVerifier;
}  // namespace pec::smime

namespace pec::pecctl {

// The configuration and the ledger: most commands need both.
struct Site {
  config::Config config;
  std::unique_ptr<ledger::SqlLedger> ledger;

  LegalTime zone() const { return LegalTime(config.provider.time_zone); }
};

// Postfix's receipts service, and the host group's secret that it asks for.
struct ReceiptsService {
  SmtpSubmitter submitter;
  smime::HmacAuthenticator secret;
};

// The whole process becomes this user, for good. `who`: for the error, such as "the owner of FILE".
Result<void> become(uid_t user, gid_t group, const std::string& who);

struct Context {
  std::string config_file = "/etc/pec/pec.toml";
  SystemClock clock{};

  Instant now() const { return clock.now(); }
  std::string new_id() const;  // the part of a Message-ID before the @

  Result<config::Config> load_config(const std::set<config::FileUse>& uses) const {
    return config::load_safe_config(config_file, uses);
  }
  // `uses`: what the command needs besides the ledger.
  Result<Site> open_site(std::set<config::FileUse> uses = {}) const;
  Result<std::unique_ptr<ledger::SqlLedger>> open_ledger(const config::Config& config) const;
  Result<std::shared_ptr<const directory::ProvidersDirectory>> open_directory(
      const config::Config& config) const;
  // The same with what may be asked about its state; refuses one in which we ourselves are wrong.
  Result<std::unique_ptr<directory::DirectoryKeeper>> open_directory_of_ours(
      const config::Config& config) const;
  Result<std::unique_ptr<smime::CmsVerifier>> verifier(const config::Config& config) const;
  // Null: nobody is asked how full mailboxes are (quota.dovecot_socket).
  std::unique_ptr<Quotas> quotas(const config::Config& config) const;
  Result<ReceiptsService> receipts_service(const config::Config& config) const;
  // `us`: one of config.identities().
  Result<std::unique_ptr<smime::CmsSigner>> signer(const config::Config& config,
                                                   const config::Config::Provider& us) const;
  Result<std::unique_ptr<antivirus::FolderVirusStore>> open_viruses(
      const config::Config& config) const;
  // The process becomes the user who may read our secret (internal.secret_file). A database server
  // lets this user in, too, by the name that the kernel reports. Without root this does nothing.
  Result<void> become_service_user(const config::Config& config) const;
};

}  // namespace pec::pecctl

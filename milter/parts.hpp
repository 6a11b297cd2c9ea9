// SPDX-License-Identifier: GPL-2.0-or-later

// Makes the objects behind pec-milter's interfaces, from its configuration. No other file makes
// them.
//
//     std::vector<std::string> problems;
//     auto parts = load_parts(config, config_file, check_only, clock, problems);
//     if (problems.empty()) const auto services = services_of(std::move(parts), config, clock);
//
// At start, in the main thread. Throws std::exception.
#pragma once

#include "config/config.hpp"
#include "directory/directory_keeper.hpp"
#include "ledger/sql_ledger.hpp"
#include "milter/services.hpp"
#include "smime/cms_signer.hpp"
#include "smime/cms_verifier.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pec::milter {

// One of our identities, with all that could be loaded of it.
struct LoadedIdentity {
  const config::Config::Provider* options;
  std::unique_ptr<smime::CmsSigner> signer;
  OwnTexts texts;
};

struct Parts {
  LegalTime legal_time;
  std::shared_ptr<ledger::SqlLedger> ledger{};  // none: root only checks, and does not open it
  std::vector<LoadedIdentity> identities{};     // the provider's main entry, then its units
  std::unique_ptr<smime::CmsVerifier> verifier{};
  std::unique_ptr<directory::DirectoryKeeper> directory{};
  std::unique_ptr<Authenticator> host_group{}, delivery_point{};
  std::unique_ptr<VirusStore> virus_store{};  // none: nothing is scanned
  std::unique_ptr<Aliases> aliases{};         // none: nobody can say where they lead

  std::vector<const smime::CmsSigner*> signers() const;
};

// Gathers every problem, each in one sentence. If there is a problem, parts may be missing.
// `check_only` leaves nothing behind.
Parts load_parts(const config::Config& config, const std::string& config_file, bool check_only,
                 const Clock& clock, std::vector<std::string>& problems);

// `clock` must outlive the services.
Services services_of(Parts parts, const config::Config& config, const Clock& clock);

}  // namespace pec::milter

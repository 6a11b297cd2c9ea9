// SPDX-License-Identifier: GPL-2.0-or-later

// Everything that a role may ask of the world, as interfaces. parts.cpp makes one for the process;
// tests make their own. Shared by all sessions, so each member may be used from any thread.
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "milter/identities.hpp"
#include "milter/rooms.hpp"
#include "milter/scan_gate.hpp"
#include "milter/tally.hpp"
#include "pec/compose.hpp"
#include "pec/filter_mark.hpp"
#include "pec/formal_checks.hpp"
#include "pec/ports.hpp"
#include "pec/scanned.hpp"
#include "pec/sending_limits.hpp"
#include "pec/stamp.hpp"

#include <filesystem>
#include <memory>

namespace pec::milter {

struct Services {
  Identities identities;
  LegalTime legal_time;
  FormalLimits limits;
  UnscannedPolicy unscanned;
  FilterOptions filter;
  SendingLimits sending;
  std::filesystem::path temp_dir;
  std::unique_ptr<Clock> clock;
  std::unique_ptr<IdSource> ids;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<Verifier> verifier;
  std::shared_ptr<MessageLog> ledger;
  std::shared_ptr<Submissions> submissions;
  std::shared_ptr<Mailboxes> mailboxes;
  std::unique_ptr<Scanner> scanner;  // none: nothing is scanned
  std::unique_ptr<VirusStore> virus_store;
  std::unique_ptr<Authenticator> host_group;      // secret of the host group
  std::unique_ptr<Authenticator> delivery_point;  // secret that the delivery point shares
  std::unique_ptr<Tally> tally;
  std::unique_ptr<Aliases> aliases;  // none: nobody says where aliases lead
  std::unique_ptr<Rooms> rooms{};    // none: nobody says how full mailboxes are
  std::unique_ptr<ScanGate> scan_gate = std::make_unique<ScanGate>();
};

}  // namespace pec::milter

// SPDX-License-Identifier: GPL-2.0-or-later

// All services that a role may use, as interfaces. parts.cpp makes them for the process; tests make
// their own. All sessions share them, so any thread may use each member.
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
  std::unique_ptr<Authenticator> host_group;      // with the host group's secret
  std::unique_ptr<Authenticator> delivery_point;  // with the secret shared with the delivery point
  std::unique_ptr<Tally> tally;
  std::unique_ptr<Aliases> aliases;  // none: nobody can say where aliases lead
  std::unique_ptr<Rooms> rooms{};    // none: nobody can say how full mailboxes are
  std::unique_ptr<ScanGate> scan_gate = std::make_unique<ScanGate>();
};

}  // namespace pec::milter

// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl virus-store`: what the virus store holds, and the end of what the law needs no longer
// (thirty months; RFC 6109, 3.1.3 and 3.2.4).
//
//     auto lines = list_viruses(*store, legal_time);
//     // "20261122051122.abc  22/11/2026 06:11:22 +0100  access  Eicar  anna@… -> bruno@…"
//
// Messages themselves go nowhere but into a file that the administrator names. All text that comes
// from outside is shown without control characters. Times are legal time.
//
// Answers are lines, the last without its end; empty if there is nothing to tell. Errors: one sentence
// for the administrator: what, where, how to mend it. One thread.
#pragma once

#include "antivirus/virus_store.hpp"
#include "pec/stamp.hpp"

#include <string>

namespace pec::pecctl {

// One line for each message, by time. What is damaged is told in its line.
Result<std::string> list_viruses(const antivirus::FolderVirusStore& store, const LegalTime& zone);

// All that is known of a message, a line each.
Result<std::string> show_virus(const antivirus::FolderVirusStore& store, const LegalTime& zone,
                               const std::string& id);

// Writes the message into a new file, which only its owner may read.
Result<void> export_virus(const antivirus::FolderVirusStore& store, const std::string& id,
                          const std::string& file);

// Removes what is older than thirty months at `now`, and says so; dry_run only says.
Result<std::string> prune_viruses(const antivirus::FolderVirusStore& store, const LegalTime& zone,
                                  Instant now, bool dry_run);

}  // namespace pec::pecctl

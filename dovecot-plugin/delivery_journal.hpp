// SPDX-License-Identifier: GPL-2.0-or-later

// The delivery journal: the progress of each certified message on its way into one mailbox. With
// it, the message ends there once and has one receipt, whatever dies when (docs/architecture.md,
// "Delivery receipts, exactly once").
//
//     auto journal = DeliveryJournal::claim(home, {key, old_key}, now);
//     if (!journal) return tl::unexpected(journal.error());
//     journal->write({DeliveryState::pending, clock.now()});
//
// A DeliveryJournal is one key's view of the user's files. While it lives, nobody else can hold the
// same key, in this process or another. Its cost does not depend on the number of past deliveries.
// Times are seconds, UTC. One thread for each object.
#pragma once

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "dovecot-plugin/delivery_record.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::delivery {

// The least time for which a finished entry is kept. A message comes again as long as a queue still
// holds it, ours or its provider's. That is five days by Postfix's and everybody's default. Two
// more days leave room for a site that has raised it a little.
inline constexpr std::chrono::days journal_lifetime{7};

inline constexpr std::string_view journal_name = "pec-delivery-journal";

// 32 hex digits for one message and one recipient, from the message's identity
// (pec/message_identity.hpp) and the canonical form of the address.
std::string delivery_key(std::string_view identity, std::string_view recipient);

struct DeliveryKeys {
  std::string key;
  std::string old_key = {};  // its key in the old program (old_journal.hpp); may be empty
};

class DeliveryJournal {
public:
  // Opens the journal in a folder, takes the key, and prunes a little if that is due. Makes the
  // folder if need be. Damaged files are put out of the way, and remarks() say so. Error:
  // unavailable if another delivery holds the key, or if files can't be used.
  static Result<DeliveryJournal> claim(const std::filesystem::path& folder, DeliveryKeys keys,
                                       Instant now);

  // The latest record of this key.
  const std::optional<DeliveryRecord>& record() const { return record_; }

  // Appends a record; `pending` and `saved` are on the disk when it returns. Error: unavailable.
  // Then the record does not count, or is torn, and readers ignore it.
  Result<void> write(DeliveryRecord record);

  // For the log, one sentence each: what was wrong with the files, though deliveries go on.
  const std::vector<std::string>& remarks() const { return remarks_; }

private:
  DeliveryJournal(std::filesystem::path folder, DeliveryKeys keys, FileDescriptor lock,
                  Instant now);

  std::filesystem::path folder_;
  DeliveryKeys keys_;
  FileDescriptor lock_;
  Instant now_;
  std::optional<DeliveryRecord> record_;
  std::vector<std::string> remarks_;
};

}  // namespace pec::delivery

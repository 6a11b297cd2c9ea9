// SPDX-License-Identifier: GPL-2.0-or-later

// The delivery journal: what has become of each certified message on its way into one mailbox, so
// that it ends there once and has one receipt, whatever dies when (docs/architecture.md, "Delivery
// receipts, exactly once").
//
//     auto journal = DeliveryJournal::claim(home, {key, old_key}, now);
//     if (!journal) return tl::unexpected(journal.error());
//     journal->write({DeliveryState::pending, clock.now()});
//
// A DeliveryJournal is one key's view of the user's files. While it lives nobody else can hold the
// same key, in this process or another. What it costs does not depend on how much was delivered
// before. Times are seconds, UTC. One thread for each object.
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

// How long a finished entry can still be asked for, at least. A message comes again as long as a
// queue, ours or that of the provider who sent it, still holds it: five days with Postfix's and
// everybody's default; two more leave room for a site that has raised it a little.
inline constexpr std::chrono::days journal_lifetime{7};

inline constexpr std::string_view journal_name = "pec-delivery-journal";

// 32 hex digits that stand for one message and one recipient: what the message is
// (pec/message_identity.hpp), and the canonical form of the address.
std::string delivery_key(std::string_view identity, std::string_view recipient);

struct DeliveryKeys {
  std::string key;
  std::string old_key = {};  // under which the old program knew it (old_journal.hpp); may be empty
};

class DeliveryJournal {
public:
  // Opens the journal in a folder, which is made if need be, takes the key, and prunes a little if
  // that is due. What is damaged is put out of the way, and remarks() say so.
  // Error: unavailable if another delivery holds the key, or if files can't be used.
  static Result<DeliveryJournal> claim(const std::filesystem::path& folder, DeliveryKeys keys,
                                       Instant now);

  // The latest record of this key.
  const std::optional<DeliveryRecord>& record() const { return record_; }

  // Appends a record; `pending` and `saved` are on the disk when it returns. Error: unavailable;
  // the record does not count, or is torn and no reader takes it for one.
  Result<void> write(DeliveryRecord record);

  // For the log, each one sentence: what was wrong with the files, though deliveries go on.
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

// The delivery journal: what has become of each certified message on its way into one mailbox, so
// that it ends there once and has one receipt, whatever dies when (docs/architecture.md, "Delivery
// receipts, exactly once").
//
//     auto journal = DeliveryJournal::claim(home, delivery_key(message_id, recipient),
//     clock.now()); if (!journal) return tl::unexpected(journal.error());
//     journal->write({DeliveryState::pending, clock.now()});
//
// A DeliveryJournal is one key's view of the user's file. While it lives nobody else can hold the
// same key, in this process or another. Times are seconds, UTC. One thread for each object.
#pragma once

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pec::delivery {

enum class DeliveryState {
  pending,  // may or may not be in the mailbox
  saved,    // is in the mailbox; its receipt is owed
  done,     // nothing is owed
};

struct DeliveryRecord {
  DeliveryState state{};
  Instant at;                // pending: begun; else the certified time of delivery
  std::uint32_t uid = 0;     // where it was stored; 0 if the store did not say
  std::string mailbox = {};  // empty while pending

  bool operator==(const DeliveryRecord&) const = default;
};

// How long a finished entry can still be asked for. A message comes again as long as a queue, ours
// or that of the provider who sent it, still holds it: five days with Postfix's and everybody's
// default; two more leave room for a site that has raised it a little.
inline constexpr std::chrono::days journal_lifetime{7};

inline constexpr std::string_view journal_name = "pec-delivery-journal";

// 32 hex digits that stand for one message and one recipient. Case of the recipient's domain and
// local part does not count, as for the internal recipient.
std::string delivery_key(std::string_view message_id, std::string_view recipient);

class DeliveryJournal {
public:
  // Opens the journal in a folder, which is made if need be, takes the key, and prunes the file if
  // that is due.
  // Error: unavailable if another delivery holds the key, or if files can't be used.
  static Result<DeliveryJournal> claim(const std::filesystem::path& folder, std::string key,
                                       Instant now);

  // The latest record of this key.
  const std::optional<DeliveryRecord>& record() const { return record_; }

  // Appends a record; `pending` and `saved` are on the disk when it returns. Error: unavailable;
  // the file is as before, or ends in a torn line that no reader takes for a record.
  Result<void> write(DeliveryRecord record);

private:
  DeliveryJournal(std::filesystem::path folder, std::string key, FileDescriptor lock);
  std::filesystem::path file() const { return folder_ / journal_name; }
  Result<void> load(Instant now);
  Result<void> rewrite(std::string_view old_content, Instant now);

  std::filesystem::path folder_;
  std::string key_;
  FileDescriptor lock_;
  std::optional<DeliveryRecord> record_;
};

}  // namespace pec::delivery

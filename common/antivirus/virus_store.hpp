// SPDX-License-Identifier: GPL-2.0-or-later

// Keeps infected messages for thirty months (RFC 6109, 3.1.3 and 3.2.4), in a folder that only the
// service's user may enter, with two files for each message.
//
//     auto store = FolderVirusStore::open("/var/lib/pec/viruses", 1 << 30);   // at start-up
//     if (auto done = (*store)->keep(kept, message); !done) return tempfail(done.error());
//     for (const StoredVirus& each : *(*store)->list()) print(each.id);
//
// `<id>.eml` is the message as it came, byte for byte. `<id>.toml` has the facts of KeptVirus, so
// that people can read them without this program. Both have mode 0600: nothing here is ever
// executable.
//
// The id depends on the message alone (pec/message_identity.hpp), so each message is here once, as
// it first came. If it comes again, only the metadata's time of change shows it: the thirty months
// count from there.
//
// Errors: one sentence that names the file and the cause. unavailable: the disk is full, nearly
// full or failing, and nothing was kept. bad_input: the folder can't be used, or the id isn't
// there. internal: the id can't be a name. Instants are seconds, UTC. Any thread, and several
// processes at once.
#pragma once

#include "pec/ports.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::antivirus {

// A message in the store, and whether all of it is there.
struct StoredVirus {
  std::string id;
  Instant at;                     // when it was found last; without metadata: when last written to
  std::optional<KeptVirus> kept;  // nothing: the metadata is unreadable
  std::string damage;             // what is missing or unreadable; empty: nothing

  bool operator==(const StoredVirus&) const = default;
};

// The messages and files that prune() removes.
struct Expired {
  std::vector<StoredVirus> viruses;
  std::vector<std::filesystem::path> leftovers;  // of a keep() that crashed
};

// Thirty calendar months before `now`: messages found earlier need not be kept. If that month does
// not have the day, the month's last day; so no message goes too early.
Instant end_of_keeping(Instant now);

class FolderVirusStore final : public VirusStore {
public:
  // The administrator makes the folder, for the service's user alone. `min_free`: the octets that
  // must stay free on its disk after a message is kept. Error: bad_input.
  static Result<std::unique_ptr<FolderVirusStore>> open(const std::filesystem::path& folder,
                                                        std::uint64_t min_free);

  // The message is on the disk when it returns, or not there at all. Text that is not UTF-8 is
  // written as if it were Latin-1.
  Result<void> keep(const KeptVirus& kept, const mime::Rope& message) const override;
  Result<void> has_room() const override;

  // All messages, by time, the damaged ones included.
  Result<std::vector<StoredVirus>> list() const;

  Result<StoredVirus> read(std::string_view id) const;
  Result<std::string> message(std::string_view id) const;  // its bytes, as it came

  // Messages found before `older_than`, and leftovers that are a day old by `now`.
  Result<Expired> expired(Instant older_than, Instant now) const;

  // Removes those, and returns them. At an error it stops, and may be called again.
  Result<Expired> prune(Instant older_than, Instant now) const;

private:
  FolderVirusStore(std::filesystem::path folder, std::uint64_t min_free)
      : folder_(std::move(folder)), min_free_(min_free) {}

  std::filesystem::path message_file(std::string_view id) const;
  std::filesystem::path metadata_file(std::string_view id) const;
  Result<void> has_room_for(std::uint64_t octets) const;
  Result<bool> keep_longer(const KeptVirus& kept) const;
  Result<std::string> write_temporary(const mime::Rope& content, Instant at,
                                      const std::filesystem::path& final_name) const;
  Result<void> publish(const KeptVirus& kept, const std::string& message_temporary,
                       const std::string& metadata_temporary) const;
  Result<bool> remove_expired(const std::string& id, Instant older_than) const;
  std::optional<StoredVirus> inspect(std::string_view id) const;

  std::filesystem::path folder_;
  std::uint64_t min_free_;
};

}  // namespace pec::antivirus

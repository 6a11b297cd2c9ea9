// SPDX-License-Identifier: GPL-2.0-or-later

// Invariants
// ----------
// 1. A name that ends in .eml or .toml stands for a whole file whose bytes are on the disk. Files
//    are written and synced under temporary names (`.new-XXXXXX`), and only then linked to their
//    own.
// 2. The folder is synced before keep() returns, so the names are on the disk too.
// 3. No file is ever overwritten: link() fails if a name is taken. A stored message stays as it
//    first came. Only its metadata's time of change moves on, and that is synced, too.
// 4. A crash leaves temporary files, which nobody lists and prune() removes. A crash between the
//    two links leaves a message without metadata. It is listed as such, and becomes whole when kept
//    again.
// 5. The store gives names, keeps them longer and removes them under a lock of the folder. All
//    processes share the lock, and it ends with its holder. So prune() never removes a message that
//    keep() has just found there.
#include "antivirus/virus_store.hpp"

#include "antivirus/virus_metadata.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <tuple>
#include <unistd.h>

namespace pec::antivirus {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view message_ending = ".eml";
constexpr std::string_view metadata_ending = ".toml";
constexpr std::string_view temporary_beginning = ".new-";
constexpr std::size_t longest_id = 200;  // with its ending it must be a file's name
constexpr std::chrono::days leftover_age{1};

tl::unexpected<Error> file_error(std::string_view what, const fs::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return unavailable(fmt::format("can't {} {}: {}{}", what, path.string(), errno_text(error),
                                 full ? "; make room on that disk" : ""),
                     ErrorSource::disk);
}

// An id becomes a file's name: it must not leave the folder, or be hidden in it.
bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= longest_id && id.front() != '.' &&
         std::all_of(id.begin(), id.end(), [](char c) {
           const char low = text::lower(c);
           return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '.';
         });
}

// Removes a temporary file in its destructor.
class Temporary {
public:
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() { unlink(path_.c_str()); }

private:
  std::string path_;
};

// The locked folder. Only one object at a time exists for a folder.
class LockedFolder {
public:
  static Result<LockedFolder> lock(const fs::path& folder) {
    LockedFolder locked;
    locked.folder_ = folder;
    locked.directory_ = FileDescriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    int result = -1;
    if (locked.directory_) do
        result = flock(locked.directory_.get(), LOCK_EX);
      while (result != 0 && errno == EINTR);
    if (result != 0) return file_error("lock the folder", folder, errno);
    return locked;
  }
  Result<void> sync() const {
    if (fsync(directory_.get()) != 0) return file_error("sync the folder", folder_, errno);
    return {};
  }

private:
  fs::path folder_;
  FileDescriptor directory_;
};

// Notes that a message was found once more. Never sets the time back.
Result<void> found_again(const fs::path& metadata, Instant at) {
  const FileDescriptor file(open(metadata.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0) return file_error("read", metadata, errno);
  const timespec time{std::max<time_t>(at.time_since_epoch().count(), info.st_mtim.tv_sec), 0};
  const std::array both{time, time};
  if (futimens(file.get(), both.data()) != 0 || fsync(file.get()) != 0)
    return file_error("change the time of", metadata, errno);
  return {};
}

// The time when a file was last written to. Nothing: there is no file.
std::optional<Instant> written_at(const fs::path& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return std::nullopt;
  return Instant(std::chrono::seconds(info.st_mtim.tv_sec));
}

Result<std::vector<std::string>> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) return file_error("read the folder", folder, error.value());
  return names;
}

// The id in a name that the store gives. Nothing: the store does not give such a name.
std::optional<std::string> id_of(std::string_view name) {
  for (const auto ending : {message_ending, metadata_ending}) {
    if (!name.ends_with(ending)) continue;
    name.remove_suffix(ending.size());
    if (is_id(name)) return std::string(name);
    break;
  }
  return std::nullopt;
}

Result<void> remove_file(const fs::path& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return {};  // another prune was faster
  return file_error("remove", path, errno);
}

}  // namespace

Instant end_of_keeping(Instant now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  auto date = std::chrono::year_month_day(today) - std::chrono::months(30);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return std::chrono::sys_days(date) + (now - today);
}

Result<std::unique_ptr<FolderVirusStore>> FolderVirusStore::open(const fs::path& folder,
                                                                 std::uint64_t min_free) {
  const auto refused = [&](std::string_view why, std::string_view remedy) {
    return bad_input(fmt::format("virus store {}: {}; {}", folder.string(), why, remedy));
  };
  const auto make_it = fmt::format(
      "make it for the service's user alone: \"install -d -m 700 -o USER {}\"", folder.string());
  struct stat info {};
  if (stat(folder.c_str(), &info) != 0) return refused(errno_text(errno), make_it);
  if (!S_ISDIR(info.st_mode)) return refused("this is not a folder", make_it);
  if (faccessat(AT_FDCWD, folder.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0)
    return refused(errno_text(errno), "make the service's user its owner, with mode 700");
  return std::unique_ptr<FolderVirusStore>(new FolderVirusStore(folder, min_free));
}

fs::path FolderVirusStore::message_file(std::string_view id) const {
  return folder_ / fmt::format("{}{}", id, message_ending);
}

fs::path FolderVirusStore::metadata_file(std::string_view id) const {
  return folder_ / fmt::format("{}{}", id, metadata_ending);
}

Result<void> FolderVirusStore::keep(const KeptVirus& kept, const mime::Rope& message) const {
  if (!is_id(kept.id))
    return internal_error(fmt::format("virus store {}: \"{}\" can't be a message's name",
                                      folder_.string(), text::printable(kept.id)));
  PEC_TRY(const bool is_there, keep_longer(kept));
  if (is_there) return {};
  PEC_TRY_VOID(has_room_for(message.size()));
  PEC_TRY(const auto message_temporary, write_temporary(message, kept.at, message_file(kept.id)));
  const Temporary remove_message(message_temporary);
  PEC_TRY(const auto metadata_temporary,
          write_temporary(mime::Rope(format_metadata(kept)), kept.at, metadata_file(kept.id)));
  const Temporary remove_metadata(metadata_temporary);
  return publish(kept, message_temporary, metadata_temporary);
}

Result<void> FolderVirusStore::has_room() const {
  return has_room_for(0);
}

Result<void> FolderVirusStore::has_room_for(std::uint64_t octets) const {
  struct statvfs disk {};
  if (statvfs(folder_.c_str(), &disk) != 0)
    return file_error("find out how much room is left in", folder_, errno);
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free >= octets && free - octets >= min_free_) return {};
  return unavailable(
      fmt::format("virus store {}: its disk would have less room left than the {} octets of "
                  "antivirus.min_free_space; make room there",
                  folder_.string(), min_free_),
      ErrorSource::disk);
}

// Whether all of the message is there already. If so, keeps it as if it had been found only now.
Result<bool> FolderVirusStore::keep_longer(const KeptVirus& kept) const {
  PEC_TRY(const auto locked, LockedFolder::lock(folder_));
  if (!written_at(message_file(kept.id)) || !written_at(metadata_file(kept.id))) return false;
  PEC_TRY_VOID(found_again(metadata_file(kept.id), kept.at));
  PEC_TRY_VOID(locked.sync());
  return true;
}

// Writes a new file with that content and time to the disk. Returns its name. Errors name the
// file's final name.
Result<std::string> FolderVirusStore::write_temporary(const mime::Rope& content, Instant at,
                                                      const fs::path& final_name) const {
  auto name = (folder_ / fmt::format("{}XXXXXX", temporary_beginning)).string();
  const FileDescriptor file(mkostemp(name.data(), O_CLOEXEC));  // with mode 0600
  if (!file) return file_error("write", final_name, errno);
  int error = 0;
  content.for_each([&](std::string_view slice) {
    if (error == 0) error = write_all(file.get(), slice);
  });
  const timespec time{at.time_since_epoch().count(), 0};
  const std::array both{time, time};
  if (error == 0 && (futimens(file.get(), both.data()) != 0 || fsync(file.get()) != 0))
    error = errno;
  if (error == 0) return name;
  unlink(name.c_str());
  return file_error("write", final_name, error);
}

// Gives both files their names. Takes the lock: if it fails and removes the message again, no other
// caller can just have found that message.
Result<void> FolderVirusStore::publish(const KeptVirus& kept, const std::string& message_temporary,
                                       const std::string& metadata_temporary) const {
  PEC_TRY(const auto locked, LockedFolder::lock(folder_));
  const auto message_name = message_file(kept.id);
  const bool is_new = link(message_temporary.c_str(), message_name.c_str()) == 0;
  if (!is_new && errno != EEXIST) return file_error("write", message_name, errno);
  const auto metadata_name = metadata_file(kept.id);
  if (link(metadata_temporary.c_str(), metadata_name.c_str()) != 0) {
    const int error = errno;
    if (error != EEXIST) {
      if (is_new) unlink(message_name.c_str());
      return file_error("write", metadata_name, error);
    }
    PEC_TRY_VOID(found_again(metadata_name, kept.at));
  }
  return locked.sync();
}

// Nothing: the store does not have this message.
std::optional<StoredVirus> FolderVirusStore::inspect(std::string_view id) const {
  const auto message_written = written_at(message_file(id));
  const auto metadata_written = written_at(metadata_file(id));
  if (!message_written && !metadata_written) return std::nullopt;
  StoredVirus stored{.id = std::string(id),
                     .at = std::max(message_written, metadata_written).value(),
                     .kept = std::nullopt,
                     .damage = {}};
  if (auto kept = read_metadata(metadata_file(id), id)) {
    stored.at = std::max(kept->at, *metadata_written);
    stored.kept = std::move(*kept);
  } else {
    stored.damage = kept.error().detail;
  }
  if (!message_written)
    stored.damage = fmt::format("{} is missing{}{}", message_file(id).string(),
                                stored.damage.empty() ? "" : "; ", stored.damage);
  return stored;
}

Result<std::vector<StoredVirus>> FolderVirusStore::list() const {
  PEC_TRY(const auto names, names_in(folder_));
  std::set<std::string> ids;
  for (const auto& name : names)
    if (auto id = id_of(name)) ids.insert(std::move(*id));
  std::vector<StoredVirus> viruses;
  for (const auto& id : ids)
    if (auto stored = inspect(id)) viruses.push_back(std::move(*stored));  // else just removed
  std::sort(viruses.begin(), viruses.end(), [](const StoredVirus& a, const StoredVirus& b) {
    return std::tie(a.at, a.id) < std::tie(b.at, b.id);
  });
  return viruses;
}

Result<StoredVirus> FolderVirusStore::read(std::string_view id) const {
  if (is_id(id))
    if (auto stored = inspect(id)) return std::move(*stored);
  return bad_input(
      fmt::format("no message \"{}\" in virus store {}", text::printable(id), folder_.string()));
}

Result<std::string> FolderVirusStore::message(std::string_view id) const {
  PEC_TRY_VOID(read(id));
  return read_file(message_file(id));
}

Result<Expired> FolderVirusStore::expired(Instant older_than, Instant now) const {
  Expired expired;
  PEC_TRY(auto viruses, list());
  for (auto& stored : viruses)
    if (stored.at < older_than) expired.viruses.push_back(std::move(stored));
  PEC_TRY(const auto names, names_in(folder_));
  for (const auto& name : names) {
    if (!name.starts_with(temporary_beginning)) continue;
    const auto written = written_at(folder_ / name);
    if (written && *written < now - leftover_age) expired.leftovers.push_back(folder_ / name);
  }
  return expired;
}

Result<Expired> FolderVirusStore::prune(Instant older_than, Instant now) const {
  PEC_TRY(auto expired, this->expired(older_than, now));
  for (const auto& leftover : expired.leftovers) PEC_TRY_VOID(remove_file(leftover));
  std::vector<StoredVirus> removed;
  for (auto& stored : expired.viruses) {
    PEC_TRY(const bool done, remove_expired(stored.id, older_than));
    if (done) removed.push_back(std::move(stored));
  }
  expired.viruses = std::move(removed);
  PEC_TRY(const auto locked, LockedFolder::lock(folder_));
  PEC_TRY_VOID(locked.sync());
  return expired;
}

// False: the message was found once more since the caller listed it.
Result<bool> FolderVirusStore::remove_expired(const std::string& id, Instant older_than) const {
  PEC_TRY(const auto locked, LockedFolder::lock(folder_));
  if (const auto stored = inspect(id); stored && stored->at >= older_than) return false;
  // The metadata goes last: after an interrupted prune it still shows the message's age.
  for (const auto& path : {message_file(id), metadata_file(id)}) PEC_TRY_VOID(remove_file(path));
  return true;
}

}  // namespace pec::antivirus

// SPDX-License-Identifier: GPL-2.0-or-later

// Format
// ------
// Files in the user's mail home: `pec-delivery-journal.1`, `.2` and so on. Only the last one is
// written to; all are read. A file has pages of 4096 octets. A page has 64 lines of 64 octets,
// padded with blanks:
//
//     77e01c4a pec-delivery-journal 2 1795324282 16 5be2f01d
//     5f0c22d1 9d...e1 pending 1795324282
//     a81e07b4 9d...e1 saved 1795324283
//     09bb3fd6 9d...e1 done 1795324283
//
// The first page holds the header alone: version, the time when the file was begun, the number of
// pages that follow, and the salt. Each other line is a record (check, key, state, time) or is
// free, that is, zero. The check is the first 8 hex digits of the SHA-256 of the rest of the line.
// The salt and the key choose the key's page, so nobody who sends messages can choose to fill one
// page. Pages that nobody has written to take no room on the disk. `grep -a KEY` reads the files.
//
// Beside them lies an empty file, `pec-delivery-journal.lock`, which is never replaced. Its byte 0
// stands for all the files. Each other byte stands for the key that its offset is drawn from. The
// locks belong to the open file (F_OFD_SETLK). They end with the process that holds them, however
// it ends, and two deliveries in one process exclude each other as two processes do. The files are
// opened under the lock each time: then a network file system shows what another host has written.
//
// Invariants
// ----------
// 1. A record goes to the end of its page, in one write, under the file lock. No line is written
//    twice. `pending` is on the disk before the message is stored, `saved` before its receipt is
//    asked for. So if a message can be in the mailbox, it has a record; if a receipt can exist, a
//    record says when. If another process died before it synced a record, this one syncs it before
//    acting on it.
// 2. The last whole record of a key, in the newest file that has one, is its state. A line whose
//    check does not hold is not a record. A crash in the middle of a write leaves at most one such
//    line. By rule 1, nobody has acted on what it would have said.
// 3. Only the holder of a key stores that message and writes that key's records.
// 4. At worst, a damaged disk forgets records. Then a message is delivered twice and its receipt
//    asked for twice, under the same ids: never lost. If a file's header does not hold, or a file
//    can't be read, it is renamed to NAME.damaged, and deliveries go on without it.
// 5. `saved` stays, whatever its age: a receipt is owed.
//
// Algorithm
// ---------
// claim: lock the key without waiting. If it is busy, somebody delivers this very message: the
// client must come again. Then lock the files, and look into the key's page of each, newest first.
//
// write: lock the files, append to the last one, fdatasync (but see there for `done`). A new file
// of the same size begins when the last one is older than the lifetime. If a page is full, a new
// file of eight times the size begins, up to 2 GB, most of which is a hole. It is written under
// another name, synced, renamed, and the folder synced. So there are few files: those of two
// lifetimes, and those that were outgrown on the way, about seven at a million deliveries.
//
// prune: a file is over when a later one is older than the lifetime. Each claim cuts a bounded
// number of pages off the end of the oldest such file. Before that, the `saved` records there
// without a newer record are appended to the last file and synced. A file without pages is removed.
// Only its length says how far this has got, so a crash in between costs nothing.
//
// The previous version (old_journal.hpp) kept all in one file, with keys made from the Message-ID,
// which anybody can write on a message of his own. Its records count for one lifetime more. Its
// file is read once, into a file of this format, under keys that no new message has. The old file
// is removed only when the new one is on the disk, so a crash only means reading it again. If a
// message has no record under its own key, the old key is tried.
//
// Why not SQLite
// --------------
// It was measured, in the only modes that two hosts can share (no shared memory). The best was a
// WAL under our own lock, opened for each of the three records, at a million of them. A delivery
// cost 1.2 ms of processor time and 4.2 syncs; this costs 0.24 ms and 2. With a rollback journal,
// each record takes three syncs and more. And `done` can't go unsynced there.
#include "dovecot-plugin/delivery_journal.hpp"

#include "dovecot-plugin/journal_table.hpp"
#include "dovecot-plugin/old_journal.hpp"
#include "mime/address.hpp"
#include "mime/digest.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pec::delivery {

namespace {

namespace fs = std::filesystem;

constexpr off_t file_lock_offset = 0;
constexpr std::uint64_t pages_cut_at_once = 32;  // 128 kB

tl::unexpected<Error> file_error(std::string_view what, const fs::path& path) {
  const int error = errno;
  return unavailable(fmt::format("can't {} {}: {}", what, path.string(), errno_text(error)));
}

// --- Locks ---

struct flock byte_lock(short type, off_t offset) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = offset;
  lock.l_len = 1;
  return lock;
}

off_t offset_of(std::string_view key) {
  std::uint64_t hash = 0;
  std::from_chars(key.data(), key.data() + 15, hash, 16);  // 60 bits: never negative
  return static_cast<off_t>(hash) + 1;
}

// Holds the lock on the journal's files as long as it lives.
class FileLock {
public:
  explicit FileLock(int fd) : fd_(fd) {
    auto lock = byte_lock(F_WRLCK, file_lock_offset);
    int result = 0;
    do {
      result = fcntl(fd_, F_OFD_SETLKW, &lock);
    } while (result != 0 && errno == EINTR);
    held_ = result == 0;
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    auto unlock = byte_lock(F_UNLCK, file_lock_offset);
    if (held_) fcntl(fd_, F_OFD_SETLK, &unlock);
  }
  explicit operator bool() const { return held_; }

private:
  int fd_;
  bool held_ = false;
};

// --- Files ---

// A new user's home may not exist yet at the first message.
Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (error)
    return unavailable(
        fmt::format("can't make the folder {}: {}", folder.string(), error.message()));
  return {};
}

// The files of one journal, while its lock is held. Adds remarks to the constructor's list.
class Files {
public:
  Files(const fs::path& folder, Instant now, std::vector<std::string>& remarks)
      : folder_(folder), now_(now), remarks_(remarks) {}

  // Opens the files that are there, and begins a new one if none is there, or it is due.
  Result<void> open();
  Result<std::optional<DeliveryRecord>> find(std::string_view key);
  Result<void> append(std::string_view key, const DeliveryRecord& record, bool to_be_synced);
  Result<void> prune();

private:
  Result<std::vector<unsigned>> numbers() const;
  fs::path name(unsigned number) const {
    return folder_ / fmt::format("{}.{}", journal_name, number);
  }
  fs::path unfinished() const { return folder_ / fmt::format("{}.new", journal_name); }
  bool is_past(const JournalTable& table) const { return table.begun() + journal_lifetime <= now_; }
  Result<void> set_aside(const fs::path& path, const Error& why);
  Result<void> handle(std::size_t index, const Error& why);
  Result<void> begin_file(std::uint64_t pages);
  Result<void> publish(JournalTable table);
  Result<void> take_over_old();

  fs::path folder_;
  Instant now_;
  std::vector<std::string>& remarks_;
  std::vector<JournalTable> tables_;  // oldest first
  unsigned last_number_ = 0;
};

Result<std::vector<unsigned>> Files::numbers() const {
  std::vector<unsigned> found;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    if (!name.starts_with(journal_name) || name.size() <= journal_name.size() + 1) continue;
    const auto digits = std::string_view(name).substr(journal_name.size() + 1);
    unsigned number = 0;
    const auto [rest, wrong] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    static_cast<void>(rest);  // the name is compared as a whole
    if (wrong == std::errc() && at->path() == this->name(number)) found.push_back(number);
  }
  if (error)
    return unavailable(fmt::format("can't list {}: {}", folder_.string(), error.message()));
  std::sort(found.begin(), found.end());
  return found;
}

Result<void> Files::set_aside(const fs::path& path, const Error& why) {
  const auto aside = path.string() + ".damaged";
  if (rename(path.c_str(), aside.c_str()) != 0) return file_error("rename", path);
  remarks_.push_back(fmt::format(
      "{}; renamed to {}: messages that were delivered lately may be delivered once more",
      why.detail, aside));
  return {};
}

// Sets a damaged file aside. Returns any other error: nothing can be done about it.
Result<void> Files::handle(std::size_t index, const Error& why) {
  if (why.fault != Fault::bad_input) return tl::unexpected(why);
  PEC_TRY_VOID(set_aside(tables_[index].path(), why));
  tables_.erase(tables_.begin() + static_cast<std::ptrdiff_t>(index));
  return {};
}

Result<void> Files::begin_file(std::uint64_t pages) {
  auto table = JournalTable::create(unfinished(), now_, pages);
  if (!table) return unavailable(table.error().detail);
  return publish(std::move(*table));
}

Result<void> Files::publish(JournalTable table) {
  if (auto done = table.publish(name(last_number_ + 1)); !done)
    return unavailable(done.error().detail);
  ++last_number_;
  tables_.push_back(std::move(table));
  return {};
}

Result<void> Files::open() {
  PEC_TRY(const auto found, numbers());
  if (!found.empty()) last_number_ = found.back();
  for (const auto number : found) {
    auto table = JournalTable::open(name(number));
    if (table)
      tables_.push_back(std::move(*table));
    else if (table.error().fault != Fault::bad_input)
      return tl::unexpected(table.error());
    else
      PEC_TRY_VOID(set_aside(name(number), table.error()));
  }
  PEC_TRY_VOID(take_over_old());
  if (tables_.empty()) return begin_file(JournalTable::smallest);
  // A file from the future: a clock went wrong, and the file would be the last one for ages.
  const auto& last = tables_.back();
  if (is_past(last) || last.begun() > now_ + journal_lifetime) return begin_file(last.pages());
  return {};
}

Result<std::optional<DeliveryRecord>> Files::find(std::string_view key) {
  for (auto index = tables_.size(); index-- > 0;) {
    auto record = tables_[index].last(key);
    if (!record) {
      PEC_TRY_VOID(handle(index, record.error()));
      continue;
    }
    if (!*record) continue;
    if ((*record)->state != DeliveryState::done) PEC_TRY_VOID(tables_[index].sync());
    return record;
  }
  return std::nullopt;
}

Result<void> Files::append(std::string_view key, const DeliveryRecord& record, bool to_be_synced) {
  while (true) {
    auto pages = tables_.back().pages();
    const auto had_room = tables_.back().append(key, record);
    if (had_room && *had_room) return to_be_synced ? tables_.back().sync() : Result<void>{};
    if (had_room)
      pages = JournalTable::outgrown(pages);
    else
      PEC_TRY_VOID(handle(tables_.size() - 1, had_room.error()));
    PEC_TRY_VOID(begin_file(pages));
  }
}

Result<void> Files::prune() {
  const bool is_over = std::any_of(tables_.begin() + 1, tables_.end(),
                                   [&](const auto& later) { return is_past(later); });
  if (!is_over) return {};
  const auto owed = tables_[0].owed_in_last(pages_cut_at_once);
  if (!owed) return handle(0, owed.error());
  for (const auto& [key, record] : *owed) {
    bool is_newer = false;
    for (std::size_t index = 1; index < tables_.size() && !is_newer; ++index) {
      const auto newer = tables_[index].last(key);
      if (!newer) return handle(index, newer.error());
      is_newer = newer->has_value();
    }
    if (is_newer) continue;
    PEC_TRY_VOID(append(key, record, true));
  }
  if (auto cut = tables_[0].cut_last(pages_cut_at_once); !cut) return handle(0, cut.error());
  PEC_TRY(const auto left, tables_[0].pages_left());
  if (left > 0) return {};
  // If a power cut brings the name back, the next claim removes it again.
  if (unlink(tables_[0].path().c_str()) != 0) return file_error("remove", tables_[0].path());
  tables_.erase(tables_.begin());
  return {};
}

Result<void> Files::take_over_old() {
  const auto path = folder_ / journal_name;
  auto taken = read_old_journal(path, unfinished(), now_);
  if (!taken && taken.error().fault == Fault::bad_input) return set_aside(path, taken.error());
  if (!taken) return tl::unexpected(taken.error());
  auto& old = *taken;
  if (!old) return {};
  PEC_TRY_VOID(publish(std::move(old->table)));
  if (old->damaged_lines > 0 || !old->has_room)
    return set_aside(path,
                     {Fault::bad_input, "",
                      fmt::format("{} could not be taken over whole: {} lines are not records",
                                  path.string(), old->damaged_lines)});
  if (unlink(path.c_str()) != 0) return file_error("remove", path);
  return {};
}

}  // namespace

std::string delivery_key(std::string_view identity, std::string_view recipient) {
  return mime::sha256_hex(fmt::format("{}\n{}", identity, mime::canonical_address(recipient)))
      .substr(0, JournalTable::key_length);
}

DeliveryJournal::DeliveryJournal(std::filesystem::path folder, DeliveryKeys keys,
                                 FileDescriptor lock, Instant now)
    : folder_(std::move(folder)), keys_(std::move(keys)), lock_(std::move(lock)), now_(now) {}

Result<DeliveryJournal> DeliveryJournal::claim(const std::filesystem::path& folder,
                                               DeliveryKeys keys, Instant now) {
  PEC_TRY_VOID(make_folder(folder));
  const auto lock_file = folder / fmt::format("{}.lock", journal_name);
  FileDescriptor lock(open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return file_error("open", lock_file);
  auto mine = byte_lock(F_WRLCK, offset_of(keys.key));
  if (fcntl(lock.get(), F_OFD_SETLK, &mine) != 0) {
    if (errno == EAGAIN || errno == EACCES)
      return unavailable("the same message is being delivered to the same recipient right now");
    return file_error("lock", lock_file);
  }
  DeliveryJournal journal(folder, std::move(keys), std::move(lock), now);
  const FileLock locked(journal.lock_.get());
  if (!locked) return file_error("lock", lock_file);
  Files files(folder, now, journal.remarks_);
  PEC_TRY_VOID(files.open());
  auto record = files.find(journal.keys_.key);
  if (record && !*record && !journal.keys_.old_key.empty())
    record = files.find(kept_old_key(journal.keys_.old_key));
  if (!record) return tl::unexpected(record.error());
  journal.record_ = *record;
  // This message does not wait for work that can be done at the next one.
  if (auto pruned = files.prune(); !pruned)
    journal.remarks_.push_back("the delivery journal was not pruned: " + pruned.error().detail);
  return journal;
}

Result<void> DeliveryJournal::write(DeliveryRecord record) {
  const FileLock locked(lock_.get());
  if (!locked) return file_error("lock", folder_ / journal_name);
  Files files(folder_, now_, remarks_);
  PEC_TRY_VOID(files.open());
  // If a power cut loses a `done`, it costs one question that was answered already.
  PEC_TRY_VOID(files.append(keys_.key, record, record.state != DeliveryState::done));
  record_ = record;
  return {};
}

}  // namespace pec::delivery

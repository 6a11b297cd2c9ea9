// Format
// ------
// One text file in the user's mail home, readable with `cat`:
//
//     pec-delivery-journal 1 1795324282
//     5f0c22d1 9d...e1 pending 1795324282 0
//     a81e07b4 9d...e1 saved 1795324283 17 INBOX
//     09bb3fd6 9d...e1 done 1795324283 17 INBOX
//
// The first line says what the file is, its version, and when it was begun. Each further line is a
// record: check, key, state, time, uid, mailbox (the rest of the line; it may hold blanks). The
// check is the first 8 hex digits of the SHA-256 of what follows it on the line.
//
// Beside it lies an empty file, NAME.lock. It is never replaced, so a lock on it means the same to
// everybody while the journal itself may be rewritten. Its byte 0 stands for the journal file; each
// other byte, at an offset drawn from a key, stands for that key. The locks are of the open file
// (F_OFD_SETLK): they end with the process that holds them, however it ends, and two deliveries in
// one process exclude each other as two processes do.
//
// Invariants
// ----------
// 1. Records are only appended, in one write, under the file lock. `pending` is on the disk before
//    the message is stored, `saved` before its receipt is asked for. So a message that can be in
//    the mailbox has a record, and a receipt that can exist has one that says when.
// 2. The last whole record of a key is its state. A line whose check does not hold is no record:
//    a crash in the middle of a write leaves at most one such line, and what it would have said did
//    not happen yet for anyone (rule 1). The next writer begins a new line.
// 3. Whoever holds a key is the only one who stores that message or writes that key's records.
// 4. A damaged disk can at worst forget records. Then a message is delivered twice and its receipt
//    asked for twice, under the same ids: never lost.
//
// Algorithm
// ---------
// claim: lock the key without waiting (busy: somebody delivers this very message, come again), lock
// the file, read it whole, keep the last record of the key. Only lines of that key are checked, so
// a file of some megabytes costs a few milliseconds.
// write: lock the file, append, fdatasync (not for `done`: see there).
// prune: once the first line is older than the lifetime, the file is written anew, with what is
// still of use, under another name; fsync, rename, fsync of the folder. Old records of a key go,
// and keys that nobody can ask for any more. `saved` stays whatever its age: a receipt is owed.
// A file therefore never spans more than two lifetimes.
#include "dovecot-plugin/delivery_journal.hpp"

#include "base/name_table.hpp"
#include "base/text.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <openssl/sha.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pec::delivery {

namespace {

constexpr std::string_view first_words = "pec-delivery-journal ";
constexpr std::string_view version = "1";
constexpr std::size_t check_length = 8;
constexpr std::size_t key_length = 32;
constexpr off_t file_lock_offset = 0;

constexpr NameTable<DeliveryState, 3> state_names{{
    {DeliveryState::pending, "pending"},
    {DeliveryState::saved, "saved"},
    {DeliveryState::done, "done"},
}};

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return text::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

tl::unexpected<Error> file_error(std::string_view what, const std::filesystem::path& path) {
  const int error = errno;
  return unavailable(fmt::format("can't {} {}: {}", what, path.string(), errno_text(error)));
}

// --- Lines ---

template <class Number>
std::optional<Number> number(std::string_view digits) {
  Number value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string_view take_word(std::string_view& rest) {
  const auto blank = rest.find(' ');
  const auto word = rest.substr(0, blank);
  rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
  return word;
}

std::string first_line(Instant begun) {
  return fmt::format("{}{} {}\n", first_words, version, begun.time_since_epoch().count());
}

std::string format_line(std::string_view key, const DeliveryRecord& record) {
  const auto content = fmt::format("{} {} {} {} {}", key, name_in(state_names, record.state),
                                   record.at.time_since_epoch().count(), record.uid,
                                   text::printable(record.mailbox));
  return fmt::format("{} {}\n", std::string_view(sha256_hex(content)).substr(0, check_length),
                     content);
}

// The key of a line that may be a record; its check is not looked at.
std::string_view key_of(std::string_view line) {
  if (line.size() <= check_length + 1 + key_length) return {};
  return line.substr(check_length + 1, key_length);
}

std::optional<DeliveryRecord> parse_line(std::string_view line) {
  auto rest = line;
  const auto check = take_word(rest);
  if (check != std::string_view(sha256_hex(rest)).substr(0, check_length)) return std::nullopt;
  take_word(rest);  // the key
  const auto state = value_in(state_names, take_word(rest));
  const auto at = number<std::int64_t>(take_word(rest));
  const auto uid = number<std::uint32_t>(take_word(rest));
  if (!state || !at || !uid) return std::nullopt;
  return DeliveryRecord{*state, Instant(std::chrono::seconds(*at)), *uid, std::string(rest)};
}

// Calls back with each whole line after the first; a last line without its end is torn.
template <class Callback>
void for_each_line(std::string_view content, Callback&& callback) {
  auto end = content.find('\n');
  while (end != std::string_view::npos) {
    content.remove_prefix(end + 1);
    end = content.find('\n');
    if (end != std::string_view::npos) callback(content.substr(0, end));
  }
}

// When the file was begun; nothing if its first line is not whole (a crash while it was made).
Result<std::optional<Instant>> begun(std::string_view content, const std::filesystem::path& path) {
  auto line = content.substr(0, content.find('\n'));
  if (line.size() == content.size() || line.substr(0, first_words.size()) != first_words)
    return std::nullopt;
  line.remove_prefix(first_words.size());
  if (take_word(line) != version)
    return internal_error(fmt::format(
        "{} was written by another version of this program: move it away", path.string()));
  const auto seconds = number<std::int64_t>(line);
  if (!seconds) return std::nullopt;
  return Instant(std::chrono::seconds(*seconds));
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

// Holds the lock on the journal file as long as it lives.
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

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fsync(directory.get()) != 0) return file_error("sync the folder", folder);
  return {};
}

// At the first message of a new user nobody has needed his home yet.
Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error)
    return unavailable(
        fmt::format("can't make the folder {}: {}", folder.string(), error.message()));
  return {};
}

// Whether a new line can follow: the file ends in a whole one.
Result<bool> ends_with_line(int fd, const std::filesystem::path& path) {
  const off_t size = lseek(fd, 0, SEEK_END);
  if (size < 0) return file_error("read", path);
  if (size == 0) return true;
  char last = 0;
  if (pread(fd, &last, 1, size - 1) != 1) return file_error("read", path);
  return last == '\n';
}

// What pruning leaves of a file: the last record of each key that can still be asked for.
std::string pruned(std::string_view content, Instant now) {
  std::map<std::string_view, std::string_view> last_lines;
  for_each_line(content, [&](std::string_view line) {
    if (!key_of(line).empty() && parse_line(line)) last_lines[key_of(line)] = line;
  });
  std::string kept = first_line(now);
  for (const auto& [key, line] : last_lines) {
    const auto record = parse_line(line);
    if (record->state == DeliveryState::saved || record->at + journal_lifetime > now)
      kept.append(line).append("\n");
  }
  return kept;
}

}  // namespace

std::string delivery_key(std::string_view message_id, std::string_view recipient) {
  return sha256_hex(fmt::format("{}\n{}", message_id, text::lower(recipient)))
      .substr(0, key_length);
}

DeliveryJournal::DeliveryJournal(std::filesystem::path folder, std::string key, FileDescriptor lock)
    : folder_(std::move(folder)), key_(std::move(key)), lock_(std::move(lock)) {}

Result<DeliveryJournal> DeliveryJournal::claim(const std::filesystem::path& folder, std::string key,
                                               Instant now) {
  if (auto made = make_folder(folder); !made) return tl::unexpected(made.error());
  const auto lock_file = folder / fmt::format("{}.lock", journal_name);
  FileDescriptor lock(open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return file_error("open", lock_file);
  auto mine = byte_lock(F_WRLCK, offset_of(key));
  if (fcntl(lock.get(), F_OFD_SETLK, &mine) != 0) {
    if (errno == EAGAIN || errno == EACCES)
      return unavailable("the same message is being delivered to the same recipient right now");
    return file_error("lock", lock_file);
  }
  DeliveryJournal journal(folder, std::move(key), std::move(lock));
  if (auto loaded = journal.load(now); !loaded) return tl::unexpected(loaded.error());
  return journal;
}

Result<void> DeliveryJournal::load(Instant now) {
  const FileLock locked(lock_.get());
  if (!locked) return file_error("lock", file());
  if (access(file().c_str(), F_OK) != 0 && errno == ENOENT) return rewrite({}, now);
  const auto content = read_file(file());
  if (!content) return unavailable(content.error().detail);

  for_each_line(*content, [&](std::string_view line) {
    if (key_of(line) != key_) return;
    if (auto record = parse_line(line)) record_ = std::move(record);
  });
  const auto since = begun(*content, file());
  if (!since) return tl::unexpected(since.error());
  if (!*since || **since + journal_lifetime <= now) return rewrite(*content, now);
  return {};
}

Result<void> DeliveryJournal::rewrite(std::string_view old_content, Instant now) {
  const auto temporary = folder_ / fmt::format("{}.new", journal_name);
  const FileDescriptor out(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!out) return file_error("write", temporary);
  if (write_all(out.get(), pruned(old_content, now)) != 0 || fsync(out.get()) != 0)
    return file_error("write", temporary);
  if (rename(temporary.c_str(), file().c_str()) != 0) return file_error("replace", file());
  return sync_folder(folder_);
}

Result<void> DeliveryJournal::write(DeliveryRecord record) {
  const FileLock locked(lock_.get());
  if (!locked) return file_error("lock", file());
  const FileDescriptor out(open(file().c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  if (!out) return file_error("write", file());
  const auto whole = ends_with_line(out.get(), file());
  if (!whole) return tl::unexpected(whole.error());
  const auto line = (*whole ? "" : "\n") + format_line(key_, record);
  if (write_all(out.get(), line) != 0) return file_error("write", file());
  // A `done` that a power cut takes costs a question that has been answered already.
  if (record.state != DeliveryState::done && fdatasync(out.get()) != 0)
    return file_error("write", file());
  record_ = std::move(record);
  return {};
}

}  // namespace pec::delivery

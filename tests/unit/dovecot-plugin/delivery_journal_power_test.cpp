// SPDX-License-Identifier: GPL-2.0-or-later

// The delivery journal after a power cut. Bytes that a process has written survive its death, so a
// kill does not show a missing fsync. Here fsync() and fdatasync() are watched. A cut leaves only
// the synced state of the folder: of each file the bytes of its last sync, under the names that the
// folder had when it was synced.
#include "base/file.hpp"
#include "dovecot-plugin/delivery_journal.hpp"
#include "support/temporary_folder.hpp"
#include "unit/dovecot-plugin/old_journal_file.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace pec;
using namespace pec::delivery;
using namespace pec::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::map<ino_t, std::string> synced_bytes;  // of files
std::map<std::string, ino_t> synced_names;  // of the one folder that a test uses

void note_sync(int fd) {
  const fs::path handle = "/proc/self/fd/" + std::to_string(fd);
  struct stat status {};
  REQUIRE(fstat(fd, &status) == 0);
  if (!S_ISDIR(status.st_mode)) {
    synced_bytes[status.st_ino] = read_file(handle).value();
    return;
  }
  synced_names.clear();
  for (const auto& entry : fs::directory_iterator(handle)) {
    REQUIRE(stat(entry.path().c_str(), &status) == 0);
    synced_names[entry.path().filename()] = status.st_ino;
  }
}

// Removed or cut-off bytes may be gone for good, synced or not: the disk may have done that first.
void cut_power(const fs::path& folder) {
  for (auto name = synced_names.begin(); name != synced_names.end();) {
    std::error_code gone;
    const auto size = fs::file_size(folder / name->first, gone);
    if (!gone)
      synced_bytes[name->second].resize(
          std::min<std::size_t>(size, synced_bytes[name->second].size()));
    name = gone ? synced_names.erase(name) : std::next(name);
  }
  for (const auto& entry : fs::directory_iterator(folder)) fs::remove(entry.path());
  std::map<ino_t, std::string> bytes;
  for (auto& [name, inode] : synced_names) {
    std::ofstream(folder / name, std::ios::binary) << synced_bytes[inode];
    struct stat status {};
    REQUIRE(stat((folder / name).c_str(), &status) == 0);
    bytes[status.st_ino] = synced_bytes[inode];
    inode = status.st_ino;
  }
  synced_bytes = std::move(bytes);  // what is on the disk after the cut survives the next one
}

const Instant start{std::chrono::seconds(1795324282)};
const auto key = delivery_key("a1", "bob@b.example");
const DeliveryRecord pending{DeliveryState::pending, start};
const DeliveryRecord saved{DeliveryState::saved, start + 1s};
const DeliveryRecord done{DeliveryState::done, start + 1s};

// The record of the message after a cut that came when all these had been written.
std::optional<DeliveryRecord> after_cut(const fs::path& folder,
                                        const std::vector<DeliveryRecord>& records,
                                        Instant now = start) {
  for (const auto& record : records)
    REQUIRE(DeliveryJournal::claim(folder, {key}, now).value().write(record));
  cut_power(folder);
  return DeliveryJournal::claim(folder, {key}, now).value().record();
}

}  // namespace

extern "C" int fsync(int fd) {
  const int result = static_cast<int>(syscall(SYS_fsync, fd));
  if (result == 0) note_sync(fd);
  return result;
}

extern "C" int fdatasync(int fd) {
  const int result = static_cast<int>(syscall(SYS_fdatasync, fd));
  if (result == 0) note_sync(fd);
  return result;
}

TEST_CASE("unsynced bytes do not survive the cut of this test") {
  const TemporaryFolder home;
  synced_names.clear();
  std::ofstream(home.path() / journal_name) << "never synced\n";
  cut_power(home.path());
  CHECK(fs::is_empty(home.path()));
}

TEST_CASE("a message that is about to be stored is known after a power cut") {
  const TemporaryFolder home;
  CHECK(after_cut(home.path(), {pending}) == pending);
}

TEST_CASE("a message that was stored is known as such after a power cut: it is not stored again") {
  const TemporaryFolder home;
  CHECK(after_cut(home.path(), {pending, saved}) == saved);
}

TEST_CASE("a finished delivery may look unfinished after a power cut, and no other harm is done") {
  const TemporaryFolder home;
  const auto record = after_cut(home.path(), {pending, saved, done});
  CHECK((record == saved || record == done));
}

TEST_CASE("an owed receipt survives a power cut after pruning") {
  const TemporaryFolder home;
  REQUIRE(after_cut(home.path(), {pending, saved}) == saved);
  // A new file is begun, then the old one is removed.
  for (const auto later : {start + journal_lifetime, start + 2 * journal_lifetime}) {
    REQUIRE(DeliveryJournal::claim(home.path(), {key}, later));
    cut_power(home.path());
    CHECK(DeliveryJournal::claim(home.path(), {key}, later).value().record() == saved);
  }
  CHECK_FALSE(fs::exists(home.path() / "pec-delivery-journal.1"));
}

TEST_CASE("records of a process that died before it synced are synced before they count") {
  const TemporaryFolder home;
  for (const auto& record : {pending, saved})
    REQUIRE(DeliveryJournal::claim(home.path(), {key}, start).value().write(record));
  for (auto& [inode, bytes] : synced_bytes)
    bytes = bytes.substr(0, 4096);  // as if it had not synced
  REQUIRE(DeliveryJournal::claim(home.path(), {key}, start).value().record() == saved);
  cut_power(home.path());
  CHECK(DeliveryJournal::claim(home.path(), {key}, start).value().record() == saved);
}

TEST_CASE("an owed receipt of the old program survives a power cut while its file is taken over") {
  const TemporaryFolder home;
  const auto old_key = write_old_journal(home.path(), "a1@pec.alfa.example", "saved");
  REQUIRE(DeliveryJournal::claim(home.path(), {key}, start));
  cut_power(home.path());
  const auto journal = DeliveryJournal::claim(home.path(), {key, old_key}, start);
  CHECK(journal.value().record() == DeliveryRecord{DeliveryState::saved, start});
}

// SPDX-License-Identifier: GPL-2.0-or-later

// The virus store on real folders. This program replaces three system calls. With fsync() and
// link() it sees their order, lets them fail, and dies at each of them. With statvfs() it sets the
// free space.
#include "antivirus/virus_store.hpp"

#include "base/file.hpp"
#include "support/ordinary_user.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pec;
using namespace pec::antivirus;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

std::atomic<bool> watching{false};
std::atomic<int> calls_until_trouble{-1};  // -1: there is none
std::atomic<int> trouble{0};               // an errno value; 0: the end of the process
std::mutex calls_mutex;
std::vector<std::string> calls;

// The error with which the call fails; 0: it works.
int watched(const std::string& call) {
  if (!watching) return 0;
  {
    const std::lock_guard lock(calls_mutex);
    calls.push_back(call);
  }
  if (calls_until_trouble < 0 || calls_until_trouble-- != 0) return 0;
  if (trouble == 0) _exit(42);
  return trouble;
}

constexpr unsigned long long much_room = 1ULL << 40;
std::atomic<unsigned long long> room{much_room};  // octets

std::string name_of(int fd) {
  return fs::read_symlink("/proc/self/fd/" + std::to_string(fd)).filename().string();
}

}  // namespace

extern "C" int fsync(int fd) {
  const int error = watched("sync " + name_of(fd));
  if (error != 0) return errno = error, -1;
  return static_cast<int>(syscall(SYS_fsync, fd));
}

extern "C" int link(const char* from, const char* to) noexcept {
  const int error = watched("link " + fs::path(to).filename().string());
  if (error != 0) return errno = error, -1;
  return static_cast<int>(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int statvfs(const char*, struct statvfs* answer) noexcept {
  *answer = {};
  answer->f_frsize = 1;
  answer->f_bavail = room;
  return 0;
}

namespace {

// Sets the free space while it lives.
class Room {
public:
  explicit Room(unsigned long long octets) { room = octets; }
  ~Room() { room = much_room; }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
};

// Watches calls while it lives. The one of that number (from 0) fails, or ends the process.
class WatchedDisk {
public:
  explicit WatchedDisk(int call = -1, int error = 0) {
    calls.clear();
    trouble = error;
    calls_until_trouble = call;
    watching = true;
  }
  ~WatchedDisk() { watching = false; }
  WatchedDisk(const WatchedDisk&) = delete;
  WatchedDisk& operator=(const WatchedDisk&) = delete;
};

constexpr int calls_of_keep = 5;
constexpr std::uint64_t min_free = 1'000'000;  // of free space

Instant at(long long seconds) {
  return Instant(std::chrono::seconds(seconds));
}

const Instant found = at(1795324282);  // 2026-11-22 05:11:22 UTC

KeptVirus sample(const std::string& id = "20261122051122.abc") {
  return {.id = id,
          .at = found,
          .virus = "Eicar-Test-Signature",
          .role = "access",
          .sender = "anna@pec.alfa.example",
          .recipients = {"bruno@pec.beta.example", "\"o'hara, x\"@pec.beta.example"},
          .pec_id = id + "@pec.alfa.example",
          .message_id = "<1@client.example>"};
}

std::string content(const fs::path& path) {
  auto read = read_file(path);
  if (!read) throw std::runtime_error(read.error().detail);
  return *read;
}

std::vector<std::string> names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void set_age(const fs::path& path, Instant written) {
  const timespec time{written.time_since_epoch().count(), 0};
  const timespec both[] = {time, time};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), both, 0) == 0);
}

struct StoreWorld {
  TemporaryFolder temporary;
  fs::path folder = temporary.path() / "viruses";
  std::unique_ptr<FolderVirusStore> store;
  mime::Rope message{"Subject: x\r\n\r\nbody\n\xff"};

  StoreWorld() {
    REQUIRE(mkdir(folder.c_str(), 0700) == 0);
    store = std::move(FolderVirusStore::open(folder, min_free).value());
  }

  void put(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  void keep(const KeptVirus& kept) const { REQUIRE(store->keep(kept, message)); }
};

Error refusal(const fs::path& folder) {
  const auto store = FolderVirusStore::open(folder, min_free);
  if (store) FAIL("opened: " << folder);
  CHECK(store.error().fault == Fault::bad_input);
  CHECK(store.error().detail.find('\n') == std::string::npos);
  return store.error();
}

}  // namespace

// --- Opening ---

TEST_CASE("a folder that is missing is told with how to make it") {
  const StoreWorld f;
  const auto nowhere = f.folder / "none";
  CHECK(
      refusal(nowhere).detail ==
      "virus store " + nowhere.string() +
          ": No such file or directory; make it for the service's user alone: \"install -d -m 700 "
          "-o USER " +
          nowhere.string() + "\"");
  CHECK_FALSE(fs::exists(nowhere));
}

TEST_CASE("a file in the place of the folder is refused") {
  const StoreWorld f;
  f.put("file", "");
  CHECK_THAT(refusal(f.folder / "file").detail, Contains("this is not a folder"));
}

TEST_CASE("a folder that we may not write to is refused") {
  const StoreWorld f;
  REQUIRE(chmod(f.temporary.path().c_str(), 0755) == 0);
  if (geteuid() != 0) REQUIRE(chmod(f.folder.c_str(), 0500) == 0);
  const OrdinaryUser user;
  CHECK_THAT(refusal(f.folder).detail,
             Contains("Permission denied; make the service's user its owner"));
}

// --- Keeping ---

TEST_CASE("an infected message is kept as it came, byte for byte", "[rule:3.1.3]") {
  StoreWorld f;
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
  f.message = mime::Rope("From: a\r\n\r\n");
  f.message.append(all_bytes);
  f.message.append(std::string(3'000'000, 'x') + "no line end");
  REQUIRE(f.store->keep(sample("a.1"), f.message));
  CHECK(content(f.folder / "a.1.eml") == f.message.str());
  CHECK(f.store->message("a.1").value() == f.message.str());
}

TEST_CASE("the facts about a message are read back as they were") {
  const StoreWorld f;
  auto kept = sample();
  f.keep(kept);
  const StoredVirus expected{kept.id, found, kept, ""};
  CHECK(f.store->read(kept.id).value() == expected);
  CHECK(f.store->list().value() == std::vector{expected});
}

TEST_CASE("the metadata is a file for people, too") {
  const StoreWorld f;
  f.keep(sample("a.1"));
  CHECK(content(f.folder / "a.1.toml") ==
        "at = 2026-11-22T05:11:22Z\n"
        "id = \"a.1\"\n"
        "message_id = \"<1@client.example>\"\n"
        "pec_id = \"a.1@pec.alfa.example\"\n"
        "recipients = [ \"bruno@pec.beta.example\", \"\\\"o'hara, x\\\"@pec.beta.example\" ]\n"
        "role = \"access\"\n"
        "sender = \"anna@pec.alfa.example\"\n"
        "virus = \"Eicar-Test-Signature\"\n");
}

TEST_CASE("hostile text in what is known comes back as it was, and makes no line") {
  const StoreWorld f;
  auto kept = sample();
  kept.sender = "a\nat = 1970-01-01T00:00:00Z\r\n\"\"\"'''\\u0000\t\x1b[2J\x7f";
  kept.recipients = {};
  kept.virus = "";
  kept.message_id = "<citt\xc3\xa0@\xe2\x82\xac.example>";
  f.keep(kept);
  CHECK(f.store->read(kept.id).value().kept == kept);
  const auto metadata = content(f.folder / (kept.id + ".toml"));
  CHECK(std::count(metadata.begin(), metadata.end(), '\n') == 8);
}

TEST_CASE("text that is not UTF-8 is read as Latin-1") {
  const StoreWorld f;
  auto kept = sample();
  kept.sender = "citt\xe0@alfa.example";
  kept.message_id = "\xc3";  // the beginning of a UTF-8 character
  f.keep(kept);
  kept.sender = "citt\xc3\xa0@alfa.example";
  kept.message_id = "\xc3\x83";
  CHECK(f.store->read(kept.id).value().kept == kept);
}

TEST_CASE("files are their owner's alone and never executable") {
  const StoreWorld f;
  const mode_t before = umask(0);
  f.keep(sample("a.1"));
  umask(before);
  for (const auto* name : {"a.1.eml", "a.1.toml"}) {
    struct stat info {};
    REQUIRE(stat((f.folder / name).c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0600);
  }
}

TEST_CASE("an id that could leave the folder is refused") {
  const StoreWorld f;
  for (const std::string id :
       {"", ".", "..", "../x", "a/b", ".hidden", "a b", "a\n", "a@b", "a-b", "citt\xc3\xa0"}) {
    const auto done = error_of(f.store->keep(sample(id), f.message));
    CHECK(done.fault == Fault::internal);
    CHECK(done.detail.find('\n') == std::string::npos);
    CHECK_FALSE(f.store->read(id));
    CHECK_FALSE(f.store->message(id));
  }
  CHECK_FALSE(f.store->keep(sample(std::string(201, 'a')), f.message));
  CHECK(names(f.folder).empty());
  CHECK(names(f.temporary.path()) == std::vector<std::string>{"viruses"});
}

TEST_CASE("the same message kept again is not stored twice, but is kept for longer") {
  const StoreWorld f;
  f.keep(sample("a.1"));
  auto again = sample("a.1");
  again.at += 1h;
  f.keep(again);
  again.at -= 30min;  // by another node, whose clock is late
  f.keep(again);
  const auto stored = f.store->read("a.1").value();
  CHECK(stored.kept == sample("a.1"));
  CHECK(stored.at == found + 1h);
  CHECK(names(f.folder) == std::vector<std::string>{"a.1.eml", "a.1.toml"});
  CHECK(f.store->prune(found + 1h, found).value().viruses.empty());
  CHECK(f.store->prune(found + 1h + 1s, found).value().viruses.size() == 1);
  CHECK(names(f.folder).empty());
}

TEST_CASE("a message stays as it first came, even if another one comes under its id") {
  const StoreWorld f;
  f.keep(sample("a.1"));
  REQUIRE(f.store->keep(sample("a.1"), mime::Rope("Subject: another outer header\r\n\r\nbody")));
  CHECK(f.store->message("a.1").value() == f.message.str());
  CHECK(names(f.folder) == std::vector<std::string>{"a.1.eml", "a.1.toml"});
}

TEST_CASE("one that is kept already is on the disk, too, before another keep() says so") {
  const StoreWorld f;
  f.keep(sample("a.1"));
  {
    const WatchedDisk watched;
    f.keep(sample("a.1"));
  }
  CHECK(calls == std::vector<std::string>{"sync a.1.toml", "sync viruses"});
  for (const int call : {0, 1}) {
    const WatchedDisk failing(call, EIO);
    CHECK_FALSE(f.store->keep(sample("a.1"), f.message));
  }
}

TEST_CASE("with too little room nothing new is kept, and stored messages stay") {
  const StoreWorld f;
  f.keep(sample("a.1"));
  CHECK(f.store->has_room());
  {
    const Room little(min_free + f.message.size() - 1);
    const auto done = error_of(f.store->keep(sample("b.2"), f.message));
    CHECK(done.fault == Fault::unavailable);
    CHECK_THAT(done.detail, Contains(f.folder.string()) && Contains("make room"));
    CHECK(f.store->keep(sample("a.1"), f.message));
    CHECK(f.store->has_room());
  }
  {
    const Room none(min_free - 1);
    const auto done = error_of(f.store->has_room());
    CHECK(done.fault == Fault::unavailable);
    CHECK_THAT(done.detail, Contains(f.folder.string()) && Contains("1000000 octets"));
  }
  const Room enough(min_free + f.message.size());
  CHECK(f.store->keep(sample("b.2"), f.message));
  CHECK(names(f.folder).size() == 4);
}

TEST_CASE("eight threads keep messages at once, and one message together") {
  const StoreWorld f;
  constexpr int count = 8, each = 10;
  std::atomic<int> kept = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < count; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < each; ++i) {
        const auto id = std::to_string(thread) + "." + std::to_string(i);
        if (f.store->keep(sample(id), mime::Rope("message " + id))) ++kept;
        if (f.store->keep(sample("same." + std::to_string(i)), f.message)) ++kept;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(kept == 2 * count * each);
  const auto list = f.store->list().value();
  CHECK(list.size() == (count + 1) * each);
  for (const auto& stored : list) {
    CHECK(stored.damage == "");
    CHECK(f.store->message(stored.id).value() ==
          (stored.id.starts_with("same") ? f.message.str() : "message " + stored.id));
  }
  CHECK(names(f.folder).size() == 2 * list.size());
}

// --- When the disk fails, or the process dies ---

TEST_CASE("a file has its name only when it is on the disk, and the names are too") {
  const StoreWorld f;
  {
    const WatchedDisk watched;
    f.keep(sample("a.1"));
  }
  REQUIRE(calls.size() == calls_of_keep);
  CHECK_THAT(calls[0], Catch::StartsWith("sync .new-"));
  CHECK_THAT(calls[1], Catch::StartsWith("sync .new-"));
  CHECK(calls[0] != calls[1]);
  CHECK(calls[2] == "link a.1.eml");
  CHECK(calls[3] == "link a.1.toml");
  CHECK(calls[4] == "sync viruses");
}

TEST_CASE("a disk that fails is told, and nothing half-written is left") {
  const StoreWorld f;
  const std::vector<std::string> names_told{"a.1.eml", "a.1.toml", "a.1.eml", "a.1.toml", ""};
  for (int call = 0; call < calls_of_keep; ++call) {
    INFO("call " << call);
    Result<void> done;
    {
      const WatchedDisk failing(call, EIO);
      done = f.store->keep(sample("a.1"), f.message);
    }
    REQUIRE_FALSE(done);
    CHECK(done.error().fault == Fault::unavailable);
    CHECK_THAT(done.error().detail,
               Contains((f.folder / names_told[static_cast<std::size_t>(call)]).string()) ||
                   Contains("the folder " + f.folder.string()));
    CHECK_THAT(done.error().detail, Contains("Input/output error"));
    if (call < calls_of_keep - 1) CHECK(names(f.folder).empty());
  }
  f.keep(sample("a.1"));  // the last failure left both files, whole
  CHECK(f.store->read("a.1").value().kept == sample("a.1"));
}

TEST_CASE("a retry that fails does not take away what was kept before") {
  const StoreWorld f;
  f.keep(sample("a.1"));
  fs::remove(f.folder / "a.1.toml");
  {
    const WatchedDisk failing(3, ENOSPC);
    CHECK_FALSE(f.store->keep(sample("a.1"), f.message));
  }
  CHECK(names(f.folder) == std::vector<std::string>{"a.1.eml"});
}

TEST_CASE("wherever the process dies, visible files are whole and a retry completes the rest") {
  for (int call = 0; call < calls_of_keep; ++call) {
    INFO("call " << call);
    const StoreWorld f;
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const WatchedDisk deadly(call);
      const auto done = f.store->keep(sample("a.1"), f.message);
      _exit(done ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 42));

    const auto visible = f.store->list().value();
    CHECK(visible.size() == (call < 3 ? 0 : 1));
    for (const auto& stored : visible) {
      CHECK(f.store->message(stored.id).value() == f.message.str());
      CHECK(stored.kept.has_value() == (call > 3));
      CHECK(stored.damage.empty() == (call > 3));
    }
    const auto temporaries = names(f.folder);
    CHECK(std::count_if(temporaries.begin(), temporaries.end(), [](const std::string& name) {
            return name.starts_with(".new-");
          }) == (call == 0 ? 1 : 2));

    f.keep(sample("a.1"));
    CHECK(f.store->read("a.1").value() == StoredVirus{"a.1", found, sample("a.1"), ""});
  }
}

TEST_CASE("a full disk is told, nothing is left, and with room again all goes on") {
  if (geteuid() != 0) {
    WARN("skipped: only root can mount a small disk");
    return;
  }
  const StoreWorld f;
  if (mount("none", f.folder.c_str(), "tmpfs", 0, "size=256k,mode=700") != 0) {
    WARN("skipped: no disk can be mounted here: " << errno_text(errno));
    return;
  }
  struct Unmount {
    fs::path folder;
    ~Unmount() { umount(folder.c_str()); }
  } const unmount{f.folder};

  const mime::Rope large(std::string(1'000'000, 'x'));
  const auto done = error_of(f.store->keep(sample("a.1"), large));
  CHECK(done.fault == Fault::unavailable);
  CHECK(done.detail == "can't write " + (f.folder / "a.1.eml").string() +
                           ": No space left on device; make room on that disk");
  CHECK(names(f.folder).empty());
  f.keep(sample("a.1"));
  CHECK(f.store->list().value().size() == 1);
}

TEST_CASE("a folder that can't be written any more is told") {
  const StoreWorld f;
  REQUIRE(chmod(f.temporary.path().c_str(), 0755) == 0);
  if (geteuid() == 0) REQUIRE(chown(f.folder.c_str(), 65534, 65534) == 0);
  const OrdinaryUser user;
  f.keep(sample("a.1"));
  REQUIRE(chmod(f.folder.c_str(), 0500) == 0);
  const auto done = f.store->keep(sample("a.2"), f.message);
  const auto pruned = f.store->prune(found + 1s, found);
  REQUIRE(chmod(f.folder.c_str(), 0700) == 0);
  REQUIRE_FALSE(done);
  CHECK(done.error() ==
        unavailable("can't write " + (f.folder / "a.2.eml").string() + ": Permission denied",
                    ErrorSource::disk)
            .value());
  REQUIRE_FALSE(pruned);
  CHECK(pruned.error() ==
        unavailable("can't remove " + (f.folder / "a.1.eml").string() + ": Permission denied",
                    ErrorSource::disk)
            .value());
  CHECK(f.store->read("a.1").value().damage == "");
}

TEST_CASE("a folder that is gone is told") {
  const StoreWorld f;
  fs::remove(f.folder);
  for (const auto& error :
       {f.store->keep(sample(), f.message).error(), f.store->list().error(),
        f.store->expired(found, found).error(), f.store->prune(found, found).error()}) {
    CHECK(error.fault == Fault::unavailable);
    CHECK_THAT(error.detail, Contains(f.folder.string()) && Contains("No such file or directory"));
  }
}

// --- Listing and reading ---

TEST_CASE("the list is by time, then by id") {
  const StoreWorld f;
  auto late = sample("a"), early = sample("z"), same = sample("b");
  late.at = same.at = found + 24h;
  for (const auto& kept : {late, early, same}) f.keep(kept);
  std::vector<std::string> ids;
  const auto list = f.store->list().value();
  for (const auto& stored : list) ids.push_back(stored.id);
  CHECK(ids == std::vector<std::string>{"z", "a", "b"});
}

TEST_CASE("files from elsewhere are not in the list") {
  const StoreWorld f;
  for (const auto* name : {".new-abcdef", "README", ".eml", "a b.eml", "a.eml~", "lost+found"})
    f.put(name, "x");
  fs::create_directory(f.folder / "folder");
  CHECK(f.store->list().value().empty());
}

TEST_CASE("damaged metadata is shown as such") {
  const StoreWorld f;
  f.keep(sample("a.1"));
  const auto path = f.folder / "a.1.toml";
  const auto good = content(path);
  const auto without = [&](const std::string& line_start) {
    const auto begin = good.find(line_start);
    REQUIRE(begin != std::string::npos);
    return std::string(good).erase(begin, good.find('\n', begin) + 1 - begin);
  };
  for (const auto& [bad, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "no proper value for \"id\""},
           {good.substr(0, good.size() / 2), "is damaged: "},
           {std::string(good.size(), '\0'), "is damaged: "},
           {good + "\xff", "is damaged: "},
           {without("at ="), "no proper value for \"at\""},
           {without("at =") + "at = \"2026-11-22\"\n", "no proper value for \"at\""},
           {without("at =") + "at = 2026-13-22T05:11:22Z\n", "is damaged: "},
           {without("virus ="), "no proper value for \"virus\""},
           {without("recipients ="), "no proper value for \"recipients\""},
           {without("recipients =") + "recipients = [1]\n", "no proper value for \"recipients\""},
           {without("id =") + "id = \"b.2\"\n", "it is of another message, b.2"},
       }) {
    f.put("a.1.toml", bad);
    set_age(path, found + 48h);
    set_age(f.folder / "a.1.eml", found + 24h);
    const auto list = f.store->list().value();
    REQUIRE(list.size() == 1);
    CHECK(list[0].id == "a.1");
    CHECK(list[0].at == found + 48h);
    CHECK_FALSE(list[0].kept);
    CHECK_THAT(list[0].damage, Contains(path.string()) && Contains(why));
    CHECK(f.store->read("a.1").value() == list[0]);
    CHECK(f.store->message("a.1").value() == f.message.str());
  }
}

TEST_CASE("a message without metadata, and metadata without a message, are shown as such") {
  const StoreWorld f;
  f.keep(sample("a.1"));
  f.keep(sample("b.2"));
  fs::remove(f.folder / "a.1.toml");
  fs::remove(f.folder / "b.2.eml");
  set_age(f.folder / "a.1.eml", found - 1h);
  const auto list = f.store->list().value();
  REQUIRE(list.size() == 2);
  CHECK(list[0].at == found - 1h);
  CHECK_FALSE(list[0].kept);
  CHECK_THAT(list[0].damage, Contains("can't read " + (f.folder / "a.1.toml").string()));
  CHECK(list[1].kept == sample("b.2"));
  CHECK(list[1].damage == (f.folder / "b.2.eml").string() + " is missing");
  CHECK_FALSE(f.store->message("b.2"));
}

TEST_CASE("an id that isn't there is told") {
  const StoreWorld f;
  for (const auto& error : {f.store->read("x\ny").error(), f.store->message("x\ny").error()}) {
    CHECK(error.fault == Fault::bad_input);
    CHECK(error.detail == "no message \"x?y\" in virus store " + f.folder.string());
  }
}

// --- Pruning ---

TEST_CASE("messages are kept for thirty months of the calendar", "[rule:2]") {
  using namespace std::chrono;
  const auto noon = [](year_month_day date) { return Instant(sys_days(date)) + 12h; };
  CHECK(end_of_keeping(noon(2026y / 11 / 22)) == noon(2024y / 5 / 22));
  CHECK(end_of_keeping(noon(2026y / 6 / 30)) == noon(2023y / 12 / 30));
  CHECK(end_of_keeping(noon(2026y / 8 / 29)) == noon(2024y / 2 / 29));
  CHECK(end_of_keeping(noon(2026y / 8 / 31)) == noon(2024y / 2 / 29));
  CHECK(end_of_keeping(noon(2025y / 8 / 31)) == noon(2023y / 2 / 28));
  CHECK(end_of_keeping(noon(2026y / 2 / 28)) == noon(2023y / 8 / 28));
  CHECK(end_of_keeping(noon(2026y / 3 / 1)) == noon(2023y / 9 / 1));
  // However long the months are, a day is never given up before it is thirty months old.
  for (auto today = sys_days(2024y / 1 / 1); today < sys_days(2032y / 1 / 1); today += days(1)) {
    const auto kept_from = year_month_day(floor<days>(end_of_keeping(today)));
    REQUIRE(kept_from.ok());
    const auto expiry = kept_from + months(30);  // the 30th of February is after its last day
    CHECK(expiry <= year_month_day(today));
  }
}

TEST_CASE("older messages go, others stay") {
  const StoreWorld f;
  const auto limit = found + 24h;
  auto older = sample("older"), same = sample("same"), younger = sample("younger");
  older.at = limit - 1s;
  same.at = limit;
  younger.at = limit + 1s;
  for (const auto& kept : {older, same, younger}) {
    f.keep(kept);
    // The age of the files themselves does not matter.
    for (const auto* ending : {".eml", ".toml"}) set_age(f.folder / (kept.id + ending), at(0));
  }
  const std::vector<StoredVirus> expected{{"older", older.at, older, ""}};
  CHECK(f.store->expired(limit, limit).value().viruses == expected);
  CHECK(names(f.folder).size() == 6);
  CHECK(f.store->prune(limit, limit).value().viruses == expected);
  CHECK(names(f.folder) ==
        std::vector<std::string>{"same.eml", "same.toml", "younger.eml", "younger.toml"});
  CHECK(f.store->prune(limit, limit).value().viruses.empty());
}

TEST_CASE("damaged messages go by the age of the younger file") {
  const StoreWorld f;
  f.keep(sample("a.1"));
  f.put("a.1.toml", "damaged");
  set_age(f.folder / "a.1.eml", found - 48h);
  set_age(f.folder / "a.1.toml", found);
  CHECK(f.store->prune(found, found).value().viruses.empty());
  CHECK(names(f.folder).size() == 2);
  CHECK(f.store->prune(found + 1s, found).value().viruses.size() == 1);
  CHECK(names(f.folder).empty());
}

TEST_CASE("leftovers of a crash go when they are older than a day, other files never") {
  const StoreWorld f;
  f.put(".new-aaaaaa", "half a mess");
  f.put(".new-bbbbbb", "half a mess");
  f.put("README", "not ours");
  set_age(f.folder / ".new-aaaaaa", found - 24h - 1s);
  set_age(f.folder / ".new-bbbbbb", found - 24h);
  set_age(f.folder / "README", at(0));
  const std::vector expected{f.folder / ".new-aaaaaa"};
  CHECK(f.store->expired(at(0), found).value().leftovers == expected);
  CHECK(names(f.folder).size() == 3);
  CHECK(f.store->prune(at(0), found).value().leftovers == expected);
  CHECK(names(f.folder) == std::vector<std::string>{".new-bbbbbb", "README"});
}

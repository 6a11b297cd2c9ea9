#include "dovecot-plugin/delivery_journal.hpp"

#include "base/file.hpp"
#include "temporary_folder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace pec;
using namespace pec::delivery;
using namespace std::chrono_literals;

namespace {

const Instant start{std::chrono::seconds(1795324282)};
const auto key_a = delivery_key("a1@pec.alfa.example", "bob@b.example");
const auto key_b = delivery_key("a2@pec.alfa.example", "bob@b.example");

DeliveryJournal claim(const std::filesystem::path& folder, const std::string& key,
                      Instant now = start) {
  auto journal = DeliveryJournal::claim(folder, key, now);
  INFO((journal ? "" : journal.error().detail));
  REQUIRE(journal);
  return std::move(*journal);
}

void append(const std::filesystem::path& folder, const std::string& key, DeliveryRecord record) {
  REQUIRE(claim(folder, key, start).write(std::move(record)));
}

std::optional<DeliveryRecord> record_of(const std::filesystem::path& folder, const std::string& key,
                                        Instant now = start) {
  return claim(folder, key, now).record();
}

std::string content_of(const std::filesystem::path& folder) {
  return read_file(folder / journal_name).value();
}

void replace_content(const std::filesystem::path& folder, const std::string& content) {
  std::ofstream(folder / journal_name, std::ios::binary) << content;
}

const DeliveryRecord pending{DeliveryState::pending, start};
const DeliveryRecord saved{DeliveryState::saved, start + 1s, 17, "INBOX"};
const DeliveryRecord done{DeliveryState::done, start + 1s, 17, "INBOX"};

}  // namespace

TEST_CASE("a key nobody has delivered yet has no record") {
  const TemporaryFolder home;
  CHECK(record_of(home.path(), key_a) == std::nullopt);
}

TEST_CASE("the last record of a key is its state, whatever other keys say in between") {
  const TemporaryFolder home;
  append(home.path(), key_a, pending);
  append(home.path(), key_b, pending);
  append(home.path(), key_a, saved);
  CHECK(record_of(home.path(), key_a) == saved);
  CHECK(record_of(home.path(), key_b) == pending);
  append(home.path(), key_a, done);
  CHECK(record_of(home.path(), key_a) == done);
}

TEST_CASE(
    "a folder name with blanks comes back whole, and one with a line end can't forge records") {
  const TemporaryFolder home;
  append(home.path(), key_a, {DeliveryState::saved, start, 3, "Posta in arrivo/Città 2026"});
  CHECK(record_of(home.path(), key_a)->mailbox == "Posta in arrivo/Città 2026");
  append(home.path(), key_a, {DeliveryState::saved, start, 3, "x\n0 " + key_b + " done 1 1 y"});
  CHECK(record_of(home.path(), key_a)->mailbox == "x?0 " + key_b + " done 1 1 y");
  CHECK(record_of(home.path(), key_b) == std::nullopt);
}

TEST_CASE("the key is of the message and the recipient, the recipient's case apart") {
  CHECK(delivery_key("a@x", "Bob@B.example") == delivery_key("a@x", "bob@b.example"));
  CHECK(delivery_key("a@x", "bob@b.example") != delivery_key("A@x", "bob@b.example"));
  CHECK(delivery_key("a@x", "bob@b.example") != delivery_key("a@x", "bob+d@b.example"));
  CHECK(delivery_key("a@x", "bob@b.example").size() == 32);
}

TEST_CASE("a crash in the middle of any write leaves the state before it, and writing goes on") {
  const TemporaryFolder home;
  append(home.path(), key_b, done);
  append(home.path(), key_a, pending);
  const auto before = content_of(home.path());
  append(home.path(), key_a, saved);
  const auto after = content_of(home.path());
  REQUIRE(after.size() > before.size());

  for (std::size_t size = before.size(); size < after.size(); ++size) {
    INFO("cut after " << size << " of " << after.size() << " bytes");
    replace_content(home.path(), after.substr(0, size));
    CHECK(record_of(home.path(), key_a) == pending);
    append(home.path(), key_a, saved);
    CHECK(record_of(home.path(), key_a) == saved);
    CHECK(record_of(home.path(), key_b) == done);
  }
}

TEST_CASE("a tail of zero bytes, as a power cut leaves it, is no record") {
  const TemporaryFolder home;
  append(home.path(), key_a, pending);
  replace_content(home.path(), content_of(home.path()) + std::string(100, '\0'));
  CHECK(record_of(home.path(), key_a) == pending);
  append(home.path(), key_a, saved);
  CHECK(record_of(home.path(), key_a) == saved);
}

TEST_CASE("a flipped bit anywhere in a record makes it no record, and harms no other") {
  const TemporaryFolder home;
  append(home.path(), key_a, pending);
  const auto begin = content_of(home.path()).size();
  append(home.path(), key_a, saved);
  const auto end = content_of(home.path()).size();
  append(home.path(), key_b, done);
  const auto whole = content_of(home.path());

  for (std::size_t at = begin; at + 1 < end; ++at) {
    INFO("byte " << at - begin);
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    replace_content(home.path(), damaged);
    CHECK(record_of(home.path(), key_a) == pending);
    CHECK(record_of(home.path(), key_b) == done);
  }
}

TEST_CASE("a journal that was cut while it was made is begun anew and keeps its whole records") {
  const TemporaryFolder home;
  append(home.path(), key_a, saved);
  const auto whole = content_of(home.path());
  for (const std::string first : {"", "pec-deliv", "pec-delivery-journal 1 179"}) {
    replace_content(home.path(), first);
    CHECK(record_of(home.path(), key_a) == std::nullopt);
    CHECK(content_of(home.path()) == whole.substr(0, whole.find('\n') + 1));
  }
  replace_content(home.path(), "#" + whole);
  CHECK(record_of(home.path(), key_a) == saved);
  CHECK(content_of(home.path()) == whole);
}

TEST_CASE("a journal of another version is left alone, with a sentence that says what to do") {
  const TemporaryFolder home;
  replace_content(home.path(), "pec-delivery-journal 2 1795324282\n");
  const auto journal = DeliveryJournal::claim(home.path(), key_a, start);
  REQUIRE_FALSE(journal);
  CHECK(journal.error().detail == (home.path() / journal_name).string() +
                                      " was written by another version of this program: move it "
                                      "away");
  CHECK(content_of(home.path()) == "pec-delivery-journal 2 1795324282\n");
}

TEST_CASE("pruning drops what nobody can ask for any more, and keeps what is owed") {
  const TemporaryFolder home;
  const auto key = [](int n) { return delivery_key(std::to_string(n), "bob@b.example"); };
  append(home.path(), key(1), done);
  append(home.path(), key(2), pending);
  append(home.path(), key(3), saved);
  append(home.path(), key(4), pending);
  append(home.path(), key(4), {DeliveryState::done, start + 24h, 4, "INBOX"});

  // Not due while the file is younger than the lifetime.
  const auto before = content_of(home.path());
  CHECK(record_of(home.path(), key_a, start + journal_lifetime - 1s) == std::nullopt);
  CHECK(content_of(home.path()) == before);

  const Instant later = start + journal_lifetime + 1h;
  CHECK(record_of(home.path(), key_a, later) == std::nullopt);
  const auto after = content_of(home.path());
  CHECK(after.find(key(1)) == std::string::npos);
  CHECK(after.find(key(2)) == std::string::npos);
  CHECK(std::count(after.begin(), after.end(), '\n') == 3);  // first line, keys 3 and 4
  CHECK(record_of(home.path(), key(3), later) == saved);
  CHECK(record_of(home.path(), key(4), later)->at == start + 24h);
  CHECK(content_of(home.path()) == after);  // and it is not due again at once
}

TEST_CASE("a crash while pruning leaves the old journal, and the next one prunes") {
  const TemporaryFolder home;
  append(home.path(), key_a, done);
  append(home.path(), key_b, saved);
  std::ofstream(home.path() / "pec-delivery-journal.new") << "pec-deliv";
  const Instant later = start + journal_lifetime + 1h;
  CHECK(record_of(home.path(), key_b, later) == saved);
  CHECK(record_of(home.path(), key_a, later) == std::nullopt);
  CHECK_FALSE(std::filesystem::exists(home.path() / "pec-delivery-journal.new"));
}

TEST_CASE("one key is held by one delivery at a time; other keys go on beside it") {
  const TemporaryFolder home;
  {
    auto first = claim(home.path(), key_a);
    const auto second = DeliveryJournal::claim(home.path(), key_a, start);
    REQUIRE_FALSE(second);
    CHECK(second.error().fault == Fault::unavailable);
    auto other = claim(home.path(), key_b);
    REQUIRE(other.write(done));
    REQUIRE(first.write(pending));
  }
  CHECK(record_of(home.path(), key_a) == pending);
}

TEST_CASE("a held key survives that another delivery prunes the journal") {
  const TemporaryFolder home;
  append(home.path(), key_b, done);
  auto held = claim(home.path(), key_a);
  const Instant later = start + journal_lifetime + 1h;
  CHECK(record_of(home.path(), key_b, later) == done);  // read, then pruned
  CHECK_FALSE(DeliveryJournal::claim(home.path(), key_a, later));
  REQUIRE(held.write({DeliveryState::saved, later, 1, "INBOX"}));
  CHECK(content_of(home.path()).find(key_a) != std::string::npos);
  CHECK(content_of(home.path()).find(key_b) == std::string::npos);
}

TEST_CASE("the key of a process that was killed is free at once") {
  const TemporaryFolder home;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    auto journal = DeliveryJournal::claim(home.path(), key_a, start);
    const bool written = journal && journal->write(pending);
    if (::write(ready[1], written ? "y" : "n", 1) == 1) pause();
    _exit(1);
  }
  char answer = 0;
  REQUIRE(read(ready[0], &answer, 1) == 1);
  REQUIRE(answer == 'y');
  CHECK_FALSE(DeliveryJournal::claim(home.path(), key_a, start));
  kill(child, SIGKILL);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  CHECK(record_of(home.path(), key_a) == pending);
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("processes that deliver to one user at once lose no record of each other") {
  const TemporaryFolder home;
  constexpr int processes = 4;
  constexpr int messages = 50;
  const auto key = [](int process, int message) {
    return delivery_key(std::to_string(process) + "." + std::to_string(message), "bob@b.example");
  };
  std::vector<pid_t> children;
  for (int process = 0; process < processes; ++process) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    bool good = true;
    for (int message = 0; message < messages; ++message) {
      // Now and then one prunes while the others write.
      const Instant now = message % 10 == process ? start + journal_lifetime + 1h : start;
      auto journal = DeliveryJournal::claim(home.path(), key(process, message), now);
      good = good && journal && journal->write({DeliveryState::pending, now}) &&
             journal->write({DeliveryState::saved, now, 1, "INBOX"});
    }
    _exit(good ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  for (int process = 0; process < processes; ++process)
    for (int message = 0; message < messages; ++message) {
      const auto record = record_of(home.path(), key(process, message));
      REQUIRE(record);
      CHECK(record->state == DeliveryState::saved);
    }
}

TEST_CASE("of many processes that want the same message, exactly one gets it") {
  const TemporaryFolder home;
  int go[2], result[2];
  REQUIRE(pipe(go) == 0);
  REQUIRE(pipe(result) == 0);
  std::vector<pid_t> children;
  for (int process = 0; process < 5; ++process) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    const auto journal = DeliveryJournal::claim(home.path(), key_a, start);
    char told = journal ? 'y' : 'n';
    if (::write(result[1], &told, 1) == 1 && read(go[0], &told, 1) == 1) _exit(0);  // hold it
    _exit(1);
  }
  int winners = 0;
  for (std::size_t i = 0; i < children.size(); ++i) {
    char told = 0;
    REQUIRE(read(result[0], &told, 1) == 1);
    winners += told == 'y' ? 1 : 0;
  }
  CHECK(winners == 1);
  REQUIRE(::write(go[1], "ggggg", children.size()) == 5);
  for (const pid_t child : children) REQUIRE(waitpid(child, nullptr, 0) == child);
  for (const int fd : {go[0], go[1], result[0], result[1]}) close(fd);
}

TEST_CASE("the folder is made for a new user, for him alone; one that can't be is said by name") {
  const TemporaryFolder parent;
  const auto home = parent.path() / "b.example" / "bob";
  append(home, key_a, pending);
  CHECK(record_of(home, key_a) == pending);
  CHECK(std::filesystem::status(home).permissions() == std::filesystem::perms::owner_all);

  const auto journal = DeliveryJournal::claim("/dev/null/home", key_a, start);
  REQUIRE_FALSE(journal);
  CHECK(journal.error().fault == Fault::unavailable);
  CHECK(journal.error().detail == "can't make the folder /dev/null/home: Not a directory");
}

TEST_CASE("a full disk is an error, and the record does not count") {
  const TemporaryFolder home;
  auto journal = claim(home.path(), key_a);
  REQUIRE(journal.write(pending));
  // /dev/full says ENOSPC at each write.
  std::filesystem::remove(home.path() / journal_name);
  std::filesystem::create_symlink("/dev/full", home.path() / journal_name);
  const auto written = journal.write(saved);
  REQUIRE_FALSE(written);
  CHECK(written.error().detail ==
        "can't write " + (home.path() / journal_name).string() + ": No space left on device");
  CHECK(journal.record() == pending);
}

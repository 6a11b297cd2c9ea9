// SPDX-License-Identifier: GPL-2.0-or-later

#include "dovecot-plugin/delivery_journal.hpp"

#include "base/file.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"
#include "unit/dovecot-plugin/old_journal_file.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace pec;
using namespace pec::delivery;
using namespace pec::test;
using namespace std::chrono_literals;

namespace {

const Instant start{std::chrono::seconds(1795324282)};
const auto key_a = delivery_key("a1", "bob@b.example");
const auto key_b = delivery_key("a2", "bob@b.example");

DeliveryJournal claim(const std::filesystem::path& folder, const std::string& key,
                      Instant now = start, const std::string& old_key = "") {
  auto journal = DeliveryJournal::claim(folder, {key, old_key}, now);
  INFO((journal ? "" : journal.error().detail));
  REQUIRE(journal);
  return std::move(*journal);
}

void append(const std::filesystem::path& folder, const std::string& key, DeliveryRecord record,
            Instant now = start) {
  REQUIRE(claim(folder, key, now).write(record));
}

std::optional<DeliveryRecord> record_of(const std::filesystem::path& folder, const std::string& key,
                                        Instant now = start, const std::string& old_key = "") {
  return claim(folder, key, now, old_key).record();
}

std::filesystem::path file(const std::filesystem::path& folder, int number = 1) {
  return folder / (std::string(journal_name) + "." + std::to_string(number));
}

std::string content_of(const std::filesystem::path& folder, int number = 1) {
  return read_file(file(folder, number)).value();
}

void replace_content(const std::filesystem::path& folder, const std::string& content) {
  std::ofstream(file(folder), std::ios::binary) << content;
}

std::string key_number(int number) {
  return delivery_key(std::to_string(number), "bob@b.example");
}

const DeliveryRecord pending{DeliveryState::pending, start};
const DeliveryRecord saved{DeliveryState::saved, start + 1s};
const DeliveryRecord done{DeliveryState::done, start + 1s};

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

TEST_CASE("the key is of the message and the recipient, the recipient's case apart") {
  CHECK(delivery_key("a", "Bob@B.example") == delivery_key("a", "bob@b.example"));
  CHECK(delivery_key("a", "\"bob\"@b.example") == delivery_key("a", "bob@b.example"));
  CHECK(delivery_key("a", "bob@b.example") != delivery_key("b", "bob@b.example"));
  CHECK(delivery_key("a", "bob@b.example") != delivery_key("a", "bob+d@b.example"));
  CHECK(delivery_key("a", "bob@b.example").size() == 32);
}

TEST_CASE("a crash in the middle of any write leaves the state before it, and writing goes on") {
  const TemporaryFolder home;
  append(home.path(), key_b, done);
  append(home.path(), key_a, pending);
  const auto before = content_of(home.path());
  append(home.path(), key_a, saved);
  const auto after = content_of(home.path());
  REQUIRE(after.size() == before.size());
  const auto begin = static_cast<std::size_t>(
      std::mismatch(before.begin(), before.end(), after.begin()).first - before.begin());
  REQUIRE(begin % 64 == 0);

  for (std::size_t written = 0; written < 64; ++written) {
    INFO("cut after " << written << " octets");
    replace_content(home.path(), before.substr(0, begin) + after.substr(begin, written) +
                                     before.substr(begin + written));
    CHECK(record_of(home.path(), key_a) == pending);
    append(home.path(), key_a, saved);
    CHECK(record_of(home.path(), key_a) == saved);
    CHECK(record_of(home.path(), key_b) == done);
  }
}

TEST_CASE("the rest of a file that a crash left unpublished says nothing") {
  const TemporaryFolder home, other;
  append(other.path(), key_a, saved);
  const auto whole = content_of(other.path());
  const auto record = whole.substr(whole.find(key_a) / 64 * 64, 64);
  std::string left = whole.substr(0, 4096);
  while (left.size() < whole.size()) left += record + std::string(4096 - record.size(), '\0');
  std::ofstream(home.path() / (std::string(journal_name) + ".new"), std::ios::binary) << left;
  CHECK(record_of(home.path(), key_a) == std::nullopt);
  append(home.path(), key_a, pending);
  CHECK(record_of(home.path(), key_a) == pending);
}

TEST_CASE("a file that a power cut has shortened is written to again") {
  const TemporaryFolder home;
  append(home.path(), key_a, pending);
  const auto whole = content_of(home.path());
  const auto of_a = whole.find(key_a) / 4096 * 4096;
  replace_content(home.path(), whole.substr(0, of_a));
  CHECK(record_of(home.path(), key_a) == std::nullopt);
  append(home.path(), key_a, saved);
  CHECK(record_of(home.path(), key_a) == saved);
}

TEST_CASE("a flipped bit anywhere in a record makes it no record, and harms no other") {
  const TemporaryFolder home;
  append(home.path(), key_a, pending);
  append(home.path(), key_a, saved);
  append(home.path(), key_b, done);
  const auto whole = content_of(home.path());
  const auto begin = whole.find(key_a + " saved") - 9;
  REQUIRE(begin % 64 == 0);

  for (std::size_t at = begin; at < begin + 64; ++at) {
    INFO("octet " << at - begin);
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    replace_content(home.path(), damaged);
    const auto record = record_of(home.path(), key_a);
    // The blanks that fill the line do not matter.
    CHECK((record == pending || (record == saved && whole[at] == ' ')));
    CHECK(record_of(home.path(), key_b) == done);
  }
}

TEST_CASE("a file whose first line is damaged is put out of the way, and deliveries go on") {
  std::string whole;
  {
    const TemporaryFolder home;
    append(home.path(), key_a, done);
    whole = content_of(home.path());
  }
  for (const std::string& damaged :
       {std::string(), std::string(100, '\0'), std::string("rubbish"), whole.substr(1),
        "5be2f01d pec-delivery-journal 3" + whole.substr(31), whole.substr(0, 30)}) {
    const TemporaryFolder home;
    replace_content(home.path(), damaged);
    std::vector<std::string> remarks;
    {
      auto journal = claim(home.path(), key_a);
      CHECK(journal.record() == std::nullopt);
      REQUIRE(journal.write(pending));
      remarks = journal.remarks();
    }
    REQUIRE(remarks.size() == 1);
    CHECK(remarks[0] ==
          file(home.path()).string() + " is damaged: its first line is not whole; renamed to " +
              file(home.path()).string() +
              ".damaged: messages that were delivered lately may be delivered once more");
    CHECK(read_file(file(home.path()).string() + ".damaged").value() == damaged);
    CHECK(record_of(home.path(), key_a) == pending);
  }
}

TEST_CASE("a thing in a file's place that is not a file is put out of the way") {
  const TemporaryFolder home;
  SECTION("a folder") {
    std::filesystem::create_directory(file(home.path()));
  }
  SECTION("a pipe") {
    REQUIRE(mkfifo(file(home.path()).c_str(), 0600) == 0);
  }
  append(home.path(), key_a, saved);
  CHECK(record_of(home.path(), key_a) == saved);
}

TEST_CASE("when the last file is damaged, the records of older ones count") {
  const TemporaryFolder home;
  append(home.path(), key_a, saved);
  const Instant later = start + journal_lifetime + 1h;
  append(home.path(), key_b, pending, later);
  std::ofstream(file(home.path(), 2), std::ios::binary) << "rubbish";
  CHECK(record_of(home.path(), key_a, later) == saved);
  CHECK(record_of(home.path(), key_b, later) == std::nullopt);
  append(home.path(), key_a, done, later);
  CHECK(record_of(home.path(), key_a, later) == done);
}

TEST_CASE("a new file is begun when one is full, and what the full one says counts") {
  const TemporaryFolder home;
  int number = 0;
  for (; !std::filesystem::exists(file(home.path(), 3)); ++number) {
    append(home.path(), key_number(number), {DeliveryState::done, start - 1s});
    append(home.path(), key_number(number), done);
  }
  CHECK(number < 10'000);
  for (int each = 0; each < number; ++each)
    REQUIRE(record_of(home.path(), key_number(each)) == done);
}

TEST_CASE("pruning drops what nobody can ask for any more, and keeps what is owed") {
  const TemporaryFolder home;
  append(home.path(), key_number(1), done);
  append(home.path(), key_number(2), pending);
  append(home.path(), key_number(3), saved);
  append(home.path(), key_number(4), saved);
  append(home.path(), key_number(5), pending);

  // Not due while the file is younger than the lifetime.
  Instant now = start + journal_lifetime - 1s;
  CHECK(record_of(home.path(), key_a, now) == std::nullopt);
  CHECK_FALSE(std::filesystem::exists(file(home.path(), 2)));

  // A second file; all records of the first one still count.
  now = start + journal_lifetime;
  append(home.path(), key_number(4), done, now);
  CHECK(record_of(home.path(), key_number(1), now) == done);
  CHECK(record_of(home.path(), key_number(5), now) == pending);

  now += journal_lifetime - 1s;
  CHECK(record_of(home.path(), key_number(1), now) == done);
  now += 1s;
  CHECK(record_of(home.path(), key_a, now) == std::nullopt);  // the first one goes
  CHECK_FALSE(std::filesystem::exists(file(home.path(), 1)));
  CHECK(record_of(home.path(), key_number(1), now) == std::nullopt);
  CHECK(record_of(home.path(), key_number(2), now) == std::nullopt);
  CHECK(record_of(home.path(), key_number(5), now) == std::nullopt);
  CHECK(record_of(home.path(), key_number(3), now) == saved);
  CHECK(record_of(home.path(), key_number(4), now) == done);

  for (int weeks = 3; weeks < 10; ++weeks)
    CHECK(record_of(home.path(), key_number(3), start + weeks * journal_lifetime) == saved);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(home.path())) {
    static_cast<void>(entry);
    ++files;
  }
  CHECK(files == 3);  // two of the journal's, and the lock
}

TEST_CASE("pruning a large file takes many deliveries, and loses nothing on the way") {
  const TemporaryFolder home;
  int number = 0;
  for (; !std::filesystem::exists(file(home.path(), 3)); ++number)
    append(home.path(), key_number(number), number % 100 == 0 ? saved : done);
  const Instant later = start + 2 * journal_lifetime;
  int claims = 0;
  for (; std::filesystem::exists(file(home.path(), 3)); ++claims) {
    REQUIRE(claims < 1000);
    REQUIRE(record_of(home.path(), key_number(100 * (claims % 3)),
                      later + (claims == 0 ? -1 : claims / 5) * journal_lifetime) == saved);
  }
  CHECK(claims > 10);
  for (int each = 0; each < number; each += 100)
    REQUIRE(record_of(home.path(), key_number(each), later) == saved);
}

TEST_CASE("a crash while a file is begun leaves the old ones, and the next one begins it") {
  const TemporaryFolder home;
  append(home.path(), key_a, done);
  append(home.path(), key_b, saved);
  std::ofstream(home.path() / "pec-delivery-journal.new") << "pec-deliv";
  const Instant later = start + journal_lifetime + 1h;
  CHECK(record_of(home.path(), key_b, later) == saved);
  CHECK(record_of(home.path(), key_a, later) == done);
  CHECK_FALSE(std::filesystem::exists(home.path() / "pec-delivery-journal.new"));
}

TEST_CASE("a clock that was wrong for a while makes nobody forget what is recent") {
  const TemporaryFolder home;
  append(home.path(), key_a, done);
  append(home.path(), key_b, saved, start + 1000 * journal_lifetime);
  CHECK(record_of(home.path(), key_a, start + 1h) == done);
  CHECK(record_of(home.path(), key_b, start + 1h) == saved);
  CHECK(std::filesystem::exists(file(home.path(), 3)));
  CHECK_FALSE(std::filesystem::exists(file(home.path(), 4)));
}

// --- The version before this one ---

TEST_CASE("the old program's records count as before, by the key that it used") {
  const TemporaryFolder home;
  const auto of_saved = write_old_journal(home.path(), "1@pec.alfa.example", "pending");
  write_old_journal(home.path(), "1@pec.alfa.example", "saved", 1795324283);
  const auto of_done = write_old_journal(home.path(), "2@pec.alfa.example", "saved");
  write_old_journal(home.path(), "2@pec.alfa.example", "done");
  const auto of_pending = write_old_journal(home.path(), "3@pec.alfa.example", "pending");

  CHECK(record_of(home.path(), key_a, start, of_saved) == saved);
  CHECK_FALSE(std::filesystem::exists(home.path() / journal_name));
  CHECK(record_of(home.path(), key_a, start, of_done)->state == DeliveryState::done);
  CHECK(record_of(home.path(), key_a, start, of_pending)->state == DeliveryState::pending);
  CHECK(record_of(home.path(), key_a, start, old_delivery_key("4@x", "bob@b.example")) ==
        std::nullopt);

  // New records are found by the new key, and the old one opens nothing for anybody else.
  REQUIRE(claim(home.path(), key_a, start, of_saved).write(done));
  CHECK(record_of(home.path(), key_a, start, of_pending) == done);
  CHECK(record_of(home.path(), of_done) == std::nullopt);
}

TEST_CASE("the old program's records outlive two lifetimes only if a receipt is owed") {
  const TemporaryFolder home;
  const auto of_saved = write_old_journal(home.path(), "1@x", "saved");
  const auto of_done = write_old_journal(home.path(), "2@x", "done");
  for (int weeks = 0; weeks < 5; ++weeks)
    CHECK(record_of(home.path(), key_a, start + weeks * journal_lifetime, of_saved)->state ==
          DeliveryState::saved);
  CHECK(record_of(home.path(), key_a, start + 5 * journal_lifetime, of_done) == std::nullopt);
}

TEST_CASE("a crash while the old journal is taken over means that it is taken over again") {
  const TemporaryFolder home;
  const auto old_key = write_old_journal(home.path(), "1@x", "saved");
  const auto old = read_file(home.path() / journal_name).value();
  const auto check = [&] {
    CHECK(record_of(home.path(), key_b, start, old_key)->state == DeliveryState::saved);
    CHECK_FALSE(std::filesystem::exists(home.path() / journal_name));
  };
  check();
  SECTION("after the new file had its name, and the delivery had gone on") {
    REQUIRE(claim(home.path(), key_a, start, old_key).write(done));
    std::ofstream(home.path() / journal_name, std::ios::binary) << old;
    CHECK(record_of(home.path(), key_a, start, old_key) == done);
    check();
  }
  SECTION("before that") {
    std::filesystem::rename(file(home.path()), home.path() / "pec-delivery-journal.new");
    std::ofstream(home.path() / journal_name, std::ios::binary) << old;
    check();
  }
}

TEST_CASE("of a damaged old journal what can be read counts, and the file is kept") {
  const TemporaryFolder home;
  const auto old_key = write_old_journal(home.path(), "1@x", "saved");
  {
    std::ofstream old(home.path() / journal_name, std::ios::binary | std::ios::app);
    old << std::string(1000, '\0') << "\n" << std::string(100'000, 'x') << "\n";
  }
  const auto second = write_old_journal(home.path(), "2@x", "done");
  const auto journal = claim(home.path(), key_a, start, old_key);
  CHECK(journal.record()->state == DeliveryState::saved);
  REQUIRE(journal.remarks().size() == 1);
  CHECK(journal.remarks()[0].find("could not be taken over whole: 2 lines are not records") !=
        std::string::npos);
  CHECK(record_of(home.path(), key_b, start, second)->state == DeliveryState::done);
  CHECK(std::filesystem::exists(home.path() / "pec-delivery-journal.damaged"));
}

TEST_CASE("a large old journal is taken over whole") {
  const TemporaryFolder home;
  for (int number = 0; number < 3000; ++number)
    write_old_journal(home.path(), std::to_string(number), number % 2 == 0 ? "saved" : "done");
  for (int number = 0; number < 3000; ++number) {
    const auto old_key = old_delivery_key(std::to_string(number), "bob@b.example");
    const auto record = value_of(record_of(home.path(), key_a, start, old_key));
    CHECK((record.state == DeliveryState::saved) == (number % 2 == 0));
  }
}

TEST_CASE("the old key is the one that the old program made") {
  // sha256sum of "a1@pec.alfa.example\nbob@b.example", cut.
  CHECK(old_delivery_key("a1@pec.alfa.example", "Bob@B.example") ==
        "2f99c267f5a7b86c6e9d82ba48df593f");
}

// --- Several deliveries at once ---

TEST_CASE("one key is held by one delivery at a time; other keys go on beside it") {
  const TemporaryFolder home;
  {
    auto first = claim(home.path(), key_a);
    CHECK(error_of(DeliveryJournal::claim(home.path(), {key_a}, start)).fault ==
          Fault::unavailable);
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
  const Instant later = start + 2 * journal_lifetime;
  CHECK(record_of(home.path(), key_b, later - journal_lifetime) == done);
  record_of(home.path(), key_b, later);
  CHECK_FALSE(DeliveryJournal::claim(home.path(), {key_a}, later));
  REQUIRE(held.write({DeliveryState::saved, later}));
  { const auto released = std::move(held); }
  CHECK_FALSE(std::filesystem::exists(file(home.path(), 1)));
  CHECK(record_of(home.path(), key_a, later)->at == later);
}

TEST_CASE("the key of a process that was killed is free at once") {
  const TemporaryFolder home;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    auto journal = DeliveryJournal::claim(home.path(), {key_a}, start);
    const bool written = journal && journal->write(pending);
    if (::write(ready[1], written ? "y" : "n", 1) == 1) pause();
    _exit(1);
  }
  char answer = 0;
  REQUIRE(read(ready[0], &answer, 1) == 1);
  REQUIRE(answer == 'y');
  CHECK_FALSE(DeliveryJournal::claim(home.path(), {key_a}, start));
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
      const Instant now = message % 10 == process ? start + message / 10 * journal_lifetime : start;
      auto journal = DeliveryJournal::claim(home.path(), {key(process, message)}, now);
      good = good && journal && journal->write({DeliveryState::pending, now}) &&
             journal->write({DeliveryState::saved, now});
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
      const auto record = value_of(record_of(home.path(), key(process, message)));
      CHECK(record.state == DeliveryState::saved);
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
    const auto journal = DeliveryJournal::claim(home.path(), {key_a}, start);
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

  const auto journal = error_of(DeliveryJournal::claim("/dev/null/home", {key_a}, start));
  CHECK(journal.fault == Fault::unavailable);
  CHECK(journal.detail == "can't make the folder /dev/null/home: Not a directory");
}

TEST_CASE("a full disk is an error, and the record does not count") {
  const TemporaryFolder home;
  auto journal = claim(home.path(), key_a);
  REQUIRE(journal.write(pending));
  struct rlimit unlimited {};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &unlimited) == 0);
  const auto ignored = signal(SIGXFSZ, SIG_IGN);
  struct rlimit none = unlimited;
  none.rlim_cur = 0;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
  const auto written = journal.write(saved);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &unlimited) == 0);
  signal(SIGXFSZ, ignored);
  REQUIRE_FALSE(written);
  CHECK(written.error().fault == Fault::unavailable);
  CHECK(written.error().detail == "can't write " + file(home.path()).string() + ": File too large");
  CHECK(journal.record() == pending);
  CHECK(record_of(home.path(), key_b) == std::nullopt);
}

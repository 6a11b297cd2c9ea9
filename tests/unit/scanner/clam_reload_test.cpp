// SPDX-License-Identifier: GPL-2.0-or-later

// The database of ClamEngine: missing, broken, old, new while scans go on.
#include "scanner/clam_engine.hpp"
#include "support/clam_samples.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

using namespace pec;
using namespace pec::scanner;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;
using Outcome = ScanResult::Outcome;
using Failure = ScanResult::Failure;
namespace fs = std::filesystem;

namespace {

// The lines of the log, and a way to wait for one.
class Lines {
public:
  ClamEngine::Log log() {
    return [this](std::string line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(std::move(line));
      changed_.notify_all();
    };
  }
  bool wait_for(std::string_view piece) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [&] {
      return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
        return line.find(piece) != std::string::npos;
      });
    });
  }
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

ClamOptions options_for(const TemporaryFolder& folder) {
  ClamOptions options;
  options.database_dir = folder.path();
  return options;
}

const mime::Rope eicar_mail(mail_with_file(eicar()));
const mime::Rope second_mail(mail_with_file(second_pattern));

}  // namespace

TEST_CASE("without a database nothing is clean, until one comes") {
  const TemporaryFolder folder;
  Lines lines;
  const ClamEngine engine(options_for(folder), lines.log(), 5ms);
  const auto before = engine.scan(eicar_mail);
  CHECK(before.outcome == Outcome::failed);
  CHECK(before.failure == Failure::no_engine);
  CHECK_THAT(before.reason, Contains(folder.path().string()));
  CHECK_THAT(engine.state(), Contains("no virus database") && Contains(folder.path().string()));

  make_database(folder.path());
  // Files that come between a look and the load have no date yet: the next look loads once more.
  REQUIRE(lines.wait_for("2 signatures, database of 20"));
  CHECK(engine.scan(eicar_mail).outcome == Outcome::infected);
  CHECK_THAT(engine.state(), Contains("2 signatures, database of 20") && Contains("loaded 20"));
}

TEST_CASE("without the folder of the database nothing is clean") {
  const TemporaryFolder folder;
  auto options = options_for(folder);
  options.database_dir = folder.path() / "missing";
  Lines lines;
  const ClamEngine engine(options, lines.log(), 5ms);
  CHECK(engine.scan(eicar_mail).failure == Failure::no_engine);
  CHECK_THAT(engine.state(), Contains("missing") && Contains("No such file"));
  fs::create_directory(options.database_dir);
  make_database(options.database_dir);
  REQUIRE(lines.wait_for("2 signatures"));
}

TEST_CASE("a broken database is named with its file, and does not replace the running one") {
  const TemporaryFolder folder;
  Lines lines;
  SECTION("at start") {
    put_file(folder.path() / "broken.ndb", "this is no signature\n");
    const ClamEngine engine(options_for(folder), lines.log(), 5ms);
    CHECK(engine.scan(eicar_mail).failure == Failure::no_engine);
    CHECK_THAT(engine.state(), Contains("broken.ndb"));
    fs::remove(folder.path() / "broken.ndb");
    make_database(folder.path());
    REQUIRE(lines.wait_for("2 signatures"));
    CHECK(engine.scan(eicar_mail).outcome == Outcome::infected);
  }
  SECTION("later") {
    make_database(folder.path());
    const ClamEngine engine(options_for(folder), lines.log(), 5ms);
    put_file(folder.path() / "broken.ndb", "this is no signature\n");
    REQUIRE(lines.wait_for("can't be renewed"));
    CHECK_THAT(engine.state(), Contains("2 signatures") && Contains("broken.ndb"));
    CHECK(engine.scan(eicar_mail).outcome == Outcome::infected);

    put_file(folder.path() / "broken.ndb", signature("Test.Mended", "mended"));
    REQUIRE(lines.wait_for("3 signatures"));
    CHECK_THAT(engine.state(), !Contains("renewed"));
    const auto all = lines.all();  // and the log is not filled by each look
    CHECK(std::count_if(all.begin(), all.end(), [](const std::string& line) {
            return line.find("can't be renewed") != std::string::npos;
          }) == 1);
  }
  SECTION("all files gone") {
    make_database(folder.path());
    const ClamEngine engine(options_for(folder), lines.log(), 5ms);
    for (const auto& file : fs::directory_iterator(folder.path())) fs::remove(file);
    REQUIRE(lines.wait_for("can't be renewed"));
    CHECK(engine.scan(eicar_mail).outcome == Outcome::infected);
  }
}

TEST_CASE("a changed database is taken up, in either direction") {
  const TemporaryFolder folder;
  make_database(folder.path());
  Lines lines;
  const ClamEngine engine(options_for(folder), lines.log(), 5ms);
  CHECK(engine.scan(second_mail).outcome == Outcome::clean);
  add_second_signature(folder.path());
  REQUIRE(lines.wait_for("3 signatures"));
  CHECK(engine.scan(second_mail).virus == "Test.Second.UNOFFICIAL");
  fs::remove(folder.path() / "test.hdb");
  fs::remove(folder.path() / "test.ndb");
  REQUIRE(lines.wait_for("1 signatures"));
  CHECK(engine.scan(eicar_mail).outcome == Outcome::clean);
}

TEST_CASE("an old database finds viruses, but calls nothing clean") {
  const TemporaryFolder folder;
  make_database(folder.path());
  for (const auto& file : fs::directory_iterator(folder.path()))
    fs::last_write_time(file, fs::file_time_type::clock::now() - 50h);
  auto options = options_for(folder);
  const mime::Rope clean(plain_mail("Ciao"));
  options.max_database_age = 48h;
  {
    const ClamEngine engine(options, [](std::string) {});
    const auto result = engine.scan(clean);
    CHECK(result.outcome == Outcome::failed);
    CHECK(result.failure == Failure::old_database);
    CHECK_THAT(result.reason, Contains("48 hours"));
    CHECK(engine.scan(eicar_mail).outcome == Outcome::infected);
  }
  options.max_database_age = 51h;
  CHECK(ClamEngine(options, [](std::string) {}).scan(clean).outcome == Outcome::clean);
  options.max_database_age = 0h;
  CHECK(ClamEngine(options, [](std::string) {}).scan(clean).outcome == Outcome::clean);
}

TEST_CASE("no scan fails while the database is replaced again and again") {
  const TemporaryFolder folder;
  make_database(folder.path());
  Lines lines;
  const ClamEngine engine(options_for(folder), lines.log(), 2ms);
  std::atomic<bool> stop = false;
  std::atomic<int> scans = 0, wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      while (!stop) {
        const bool found = engine.scan(eicar_mail).outcome == Outcome::infected;
        const bool clean = engine.scan(mime::Rope(plain_mail("Ciao"))).outcome == Outcome::clean;
        if (!found || !clean) ++wrong;
        ++scans;
        scans.notify_all();
      }
    });
  std::string signatures;
  for (int i = 3; i < 23; ++i) {
    signatures += signature(fmt::format("Test.Number{}", i), fmt::format("pattern number {}", i));
    put_file(folder.path() / "more.ndb", signatures);
    if (!lines.wait_for(fmt::format("{} signatures", i))) ++wrong;
    // Each database is scanned with, by all threads, before the next comes.
    const int enough = scans + 16;
    for (int seen = scans; seen < enough; seen = scans) scans.wait(seen);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

// SPDX-License-Identifier: GPL-2.0-or-later

// Another worker always takes the place of a dead one, and none outlives its supervisor.
#include "scanner/supervisor.hpp"

#include "support/temporary_folder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pec;
using namespace pec::scanner;
using namespace pec::test;
using namespace std::chrono_literals;

namespace {

// A supervisor in a process of its own, whose workers report by a line each.
class SupervisorProcess {
public:
  using Act = std::function<void(const Worker&)>;

  explicit SupervisorProcess(
      Act act, std::chrono::milliseconds hang_limit = 60s,
      std::chrono::milliseconds start_limit = 60s, std::function<void()> each_turn = [] {}) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    lines_ = FileDescriptor(ends[0]);
    const FileDescriptor tell(ends[1]);
    pid_ = fork();
    if (pid_ != 0) return;
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    Supervisor supervisor({.temp_dir = folder_.path(),
                           .hang_limit = hang_limit,
                           .start_limit = start_limit,
                           .pause = 10ms,
                           .each_turn = std::move(each_turn)},
                          [&](const Worker& worker) {
                            write_all(tell.get(), fmt::format("{}\n", getpid()));
                            act(worker);
                          });
    supervisor.run();
    _exit(0);
  }
  SupervisorProcess(const SupervisorProcess&) = delete;
  SupervisorProcess& operator=(const SupervisorProcess&) = delete;
  ~SupervisorProcess() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  // The pid of the next worker.
  pid_t next_worker() {
    std::string line;
    pollfd watched{lines_.get(), POLLIN, 0};
    for (char c = 0; c != '\n';) {
      REQUIRE(poll(&watched, 1, 60'000) == 1);
      REQUIRE(read(lines_.get(), &c, 1) == 1);
      line += c;
    }
    return std::stoi(line);
  }
  // How it ends.
  int wait() {
    int status = -1;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }
  // Its pipe is closed when the last process that has it is gone.
  void expect_nobody_left() {
    pollfd watched{lines_.get(), POLLIN, 0};
    char c = 0;
    do {
      REQUIRE(poll(&watched, 1, 60'000) == 1);
    } while (read(lines_.get(), &c, 1) == 1);
  }
  pid_t pid() const { return pid_; }
  std::filesystem::path temp_dir() const { return folder_.path(); }

private:
  const TemporaryFolder folder_;
  FileDescriptor lines_;
  pid_t pid_ = -1;
};

void live(const Worker& worker) {
  for (;;) {
    ++worker.beats.threads[0];
    usleep(5'000);
  }
}

void hang(const Worker& worker) {
  ++worker.beats.threads[0];
  ++worker.beats.threads[3];
  for (;;) {
    ++worker.beats.threads[0];  // the other one hangs
    usleep(5'000);
  }
}

}  // namespace

TEST_CASE("a worker that dies is replaced, however it dies") {
  SECTION("by a signal") {
    SupervisorProcess world(live);
    const pid_t first = world.next_worker();
    kill(first, SIGKILL);
    const pid_t second = world.next_worker();
    CHECK(second != first);
    kill(second, SIGSEGV);
    CHECK(world.next_worker() != second);
  }
  SECTION("by itself") {
    SupervisorProcess world([](const Worker&) { abort(); });
    CHECK(world.next_worker() != world.next_worker());
  }
  SECTION("it can't begin") {
    SupervisorProcess world(
        [](const Worker&) { throw std::runtime_error("libclamav can't start"); });
    CHECK(world.next_worker() != world.next_worker());
  }
}

TEST_CASE("a worker that hangs is replaced") {
  SECTION("in one of its threads") {
    SupervisorProcess world(hang, 100ms);
    CHECK(world.next_worker() != world.next_worker());
  }
  SECTION("as it begins") {
    SupervisorProcess world([](const Worker&) { pause(); }, 60s, 100ms);
    CHECK(world.next_worker() != world.next_worker());
  }
  SECTION("stopped") {
    SupervisorProcess world(live, 300ms, 300ms);  // it may have begun, or not
    const pid_t first = world.next_worker();
    kill(first, SIGSTOP);
    CHECK(world.next_worker() != first);
  }
}

TEST_CASE("whatever its worker does, a supervisor is heard in each turn") {
  int turns = 0;
  const auto count = [&turns] {
    if (++turns == 5) raise(SIGTERM);
  };
  SECTION("it hangs") {
    SupervisorProcess world([](const Worker&) { pause(); }, 60s, 60s, count);
    CHECK(world.wait() == 0);
  }
  SECTION("it dies at once") {
    SupervisorProcess world([](const Worker&) { abort(); }, 60s, 60s, count);
    CHECK(world.wait() == 0);
  }
}

TEST_CASE("a worker that gives signs of life is let alone") {
  SupervisorProcess world(
      [](const Worker& worker) {
        // For several times the limit.
        const auto end = std::chrono::steady_clock::now() + 4s;
        while (std::chrono::steady_clock::now() < end) {
          ++worker.beats.threads[0];
          usleep(5'000);
        }
        std::ofstream(worker.temp_dir.parent_path() / "lived") << "";
        live(worker);
      },
      1s);
  world.next_worker();
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!std::filesystem::exists(world.temp_dir() / "lived") &&
         std::chrono::steady_clock::now() < deadline)
    usleep(5'000);
  CHECK(std::filesystem::exists(world.temp_dir() / "lived"));
}

TEST_CASE("a worker's files are gone before the next one begins") {
  SupervisorProcess world([](const Worker& worker) {
    std::filesystem::create_directories(worker.temp_dir / "a" / "b");
    std::ofstream(worker.temp_dir / "a" / "unpacked") << "secret";
    std::filesystem::create_symlink("/etc", worker.temp_dir / "link");
    std::size_t folders = 0;
    for (const auto& each : std::filesystem::directory_iterator(worker.temp_dir.parent_path()))
      folders += each.is_directory() ? 1 : 0;
    const auto marks = worker.temp_dir.parent_path() / "marks";
    std::ofstream(marks, std::ios::app) << folders << "\n";
    if (std::filesystem::file_size(marks) >= 6) return live(worker);
    abort();
  });
  const auto marks = world.temp_dir() / "marks";
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  std::error_code not_yet;
  const auto size = [&] { return std::filesystem::file_size(marks, not_yet); };
  while ((size() < 6 || not_yet) && std::chrono::steady_clock::now() < deadline) usleep(5'000);
  std::ostringstream found;
  found << std::ifstream(marks).rdbuf();
  CHECK(found.str() == "1\n1\n1\n");  // each had its own, and no other
  CHECK(std::filesystem::exists("/etc/passwd"));
}

TEST_CASE("no worker outlives its supervisor") {
  SupervisorProcess world(live);
  world.next_worker();
  SECTION("that is told to end") {
    kill(world.pid(), SIGTERM);
    CHECK(world.wait() == 0);
  }
  SECTION("that is killed") {
    kill(world.pid(), SIGKILL);
    world.wait();
  }
  world.expect_nobody_left();
}

TEST_CASE("a folder is one supervisor's at a time, and must be there") {
  SupervisorProcess world(live);
  world.next_worker();
  const auto begin = [](const std::filesystem::path& folder) {
    const Supervisor supervisor({.temp_dir = folder, .hang_limit = 1s}, live);
  };
  CHECK_THROWS_WITH(begin(world.temp_dir()), Catch::Contains("another pec-scanner"));
  CHECK_THROWS_WITH(begin("/nowhere"),
                    Catch::Contains("/nowhere") && Catch::Contains("scanner_temp_dir"));
}

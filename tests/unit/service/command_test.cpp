// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/command.hpp"

#include "base/file.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace pec;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

Result<void> shell(const std::string& script, const std::vector<std::string>& arguments = {},
                   std::chrono::milliseconds limit = 20s) {
  std::vector<std::string> words{"/bin/sh", "-c", script, "sh"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return service::run_command(words, limit);
}

}  // namespace

TEST_CASE("a command gets its arguments as they are, without a shell's reading of them") {
  const TemporaryFolder folder;
  const auto file = (folder.path() / "got").string();
  REQUIRE(shell("printf '%s|' \"$@\" > " + file, {"a b", "$HOME; `id`", "", "è\n"}));
  CHECK(read_file(file) == "a b|$HOME; `id`||è\n|");
}

TEST_CASE("only status 0 is success") {
  CHECK(shell("exit 0"));
  const auto failure = [](const Result<void>& done) { return done ? "" : done.error().detail; };
  CHECK(failure(shell("exit 7", {"a secret"})) == "/bin/sh exited with 7");
  CHECK(failure(shell("kill -TERM $$")) == "/bin/sh ended by signal 15");
  CHECK(failure(service::run_command({"/nowhere/at-all"}, 20s)) ==
        "/nowhere/at-all can't be started: No such file or directory");
}

TEST_CASE("a command that takes too long is killed, with what it has started") {
  const TemporaryFolder folder;
  const auto file = (folder.path() / "pids").string();
  const auto begin = std::chrono::steady_clock::now();
  CHECK_THAT(error_of(shell("sleep 600 & echo $! > " + file + "; wait", {}, 500ms)).detail,
             Contains("was killed because it took longer than 0.5 s"));
  CHECK(std::chrono::steady_clock::now() - begin < 60s);
  const auto child = value_of(read_file(file));
  // It got the signal, and may take its time; its new parent may have seen its end.
  const FileDescriptor handle(static_cast<int>(syscall(SYS_pidfd_open, std::stoi(child), 0)));
  pollfd ended{handle.get(), POLLIN, 0};
  CHECK((handle ? poll(&ended, 1, 60'000) == 1 : errno == ESRCH));
}

TEST_CASE("a command has no descriptor of ours, nothing to read, and signals as usual") {
  const TemporaryFolder folder;
  const auto file = (folder.path() / "got").string();
  // A descriptor that would be inherited, and signals as the daemon has them.
  const FileDescriptor ours(::open("/dev/null", O_RDONLY));
  REQUIRE(ours);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto piping = std::signal(SIGPIPE, SIG_IGN);
  // The shell itself must not open more: no pipe, no command with a redirection. The last command
  // keeps it from becoming ls, which opens the folder.
  const auto files = shell("exec > " + file + "; cat; ls /proc/$$/fd; true");
  const auto piped = shell("kill -PIPE $$"), ended = shell("kill -TERM $$");
  std::signal(SIGPIPE, piping);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(files);
  CHECK(read_file(file).value_or("") == "0\n1\n2\n");
  CHECK_FALSE(piped);
  CHECK_FALSE(ended);
}

TEST_CASE("a command that is asked gives back what it writes, and its status") {
  const auto asked = [](const std::string& script, const std::string& input = "") {
    return service::ask_command({"/bin/sh", "-c", script}, input, 20s);
  };
  const auto answer = value_of(asked("cat; echo complaint >&2; exit 3", "a\nè\n"));
  CHECK(answer == service::CommandAnswer{3, "a\nè\n", "complaint\n"});
  // More than any pipe holds, both ways.
  const std::string much(1 << 20, 'x');
  const auto all = value_of(asked("cat; head -c 1000000 /dev/zero >&2", much));
  CHECK(all.output == much);
  CHECK(all.errors.size() == 1'000'000);
  CHECK(error_of(asked("head -c 20000000 /dev/zero")).detail ==
        "/bin/sh answers with 20000000 octets");
  CHECK(error_of(asked("kill -TERM $$")).detail == "/bin/sh ended by signal 15");
}

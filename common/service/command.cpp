// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/command.hpp"

#include "base/file.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace pec::service {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t most_answered = std::size_t{16} << 20;

// Our three descriptors for a program's input and output.
struct Streams {
  int input, output, errors;
};

// The settings for starting a program. These calls fail only for lack of memory.
class StartSettings {
public:
  explicit StartSettings(const Streams& streams) {
    check(posix_spawn_file_actions_init(&files));
    check(posix_spawnattr_init(&attributes));
    check(posix_spawn_file_actions_adddup2(&files, streams.input, STDIN_FILENO));
    check(posix_spawn_file_actions_adddup2(&files, streams.output, STDOUT_FILENO));
    check(posix_spawn_file_actions_adddup2(&files, streams.errors, STDERR_FILENO));
    check(posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1));
    // Our threads block the signals that end us, and we ignore SIGPIPE. A program would inherit
    // both.
    sigset_t none, usual;
    sigemptyset(&none);
    sigfillset(&usual);
    check(posix_spawnattr_setsigmask(&attributes, &none));
    check(posix_spawnattr_setsigdefault(&attributes, &usual));
    check(posix_spawnattr_setpgroup(&attributes, 0));  // a group of its own
    check(posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
  }
  StartSettings(const StartSettings&) = delete;
  StartSettings& operator=(const StartSettings&) = delete;
  ~StartSettings() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
  }

  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};

private:
  static void check(int error) {
    if (error != 0) throw std::bad_alloc();
  }
};

Result<pid_t> start(const std::vector<std::string>& words, const Streams& streams) {
  std::vector<std::string> own = words;
  std::vector<char*> arguments;
  for (auto& word : own) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const StartSettings settings(streams);
  pid_t child = 0;
  if (const int error = posix_spawn(&child, arguments.front(), &settings.files,
                                    &settings.attributes, arguments.data(), environ);
      error != 0)
    return unavailable(fmt::format("{} can't be started: {}", words.front(), errno_text(error)));
  return child;
}

bool ends_within(pid_t child, milliseconds limit) {
  // glibc 2.36 declares pidfd_open() for C alone.
  const FileDescriptor handle(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  const auto until = steady_clock::now() + limit;
  for (auto left = limit; handle && left.count() > 0;
       left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now())) {
    pollfd ready{handle.get(), POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(left.count())) == 1) return true;
  }
  return false;
}

// Returns the exit status.
Result<int> run(const std::vector<std::string>& words, const Streams& streams, milliseconds limit) {
  PEC_TRY(const auto child, start(words, streams));
  const bool in_time = ends_within(child, limit);
  if (!in_time) kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return internal_error(fmt::format("can't wait for {}: {}", words.front(), errno_text(errno)));
  if (!in_time)
    return unavailable(
        fmt::format("{} was killed because it took longer than {} s", words.front(),
                    std::chrono::duration_cast<std::chrono::duration<double>>(limit).count()));
  if (WIFSIGNALED(status))
    return unavailable(fmt::format("{} ended by signal {}", words.front(), WTERMSIG(status)));
  return WEXITSTATUS(status);
}

// A file in memory. A pipe could fill up while nobody reads it.
FileDescriptor memory_file() {
  FileDescriptor file(memfd_create("pec-command", MFD_CLOEXEC));
  // A descriptor below 3 would be overwritten before the program gets it.
  if (!file || file.get() <= STDERR_FILENO) throw std::bad_alloc();
  return file;
}

Result<std::string> written_to(const FileDescriptor& file, const std::string& program) {
  const auto size = lseek(file.get(), 0, SEEK_END);
  if (size < 0 || static_cast<std::size_t>(size) > most_answered)
    return unavailable(fmt::format("{} answers with {} octets", program, size));
  std::string text(static_cast<std::size_t>(size), '\0');
  const auto got = pread(file.get(), text.data(), text.size(), 0);
  if (got != size) return internal_error(fmt::format("can't read what {} has written", program));
  return text;
}

}  // namespace

Result<void> run_command(const std::vector<std::string>& words, milliseconds limit) {
  const FileDescriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing) return unavailable(fmt::format("can't open /dev/null: {}", errno_text(errno)));
  PEC_TRY(const auto status, run(words, {nothing.get(), STDERR_FILENO, STDERR_FILENO}, limit));
  if (status != 0) return unavailable(fmt::format("{} exited with {}", words.front(), status));
  return {};
}

Result<CommandAnswer> ask_command(const std::vector<std::string>& words, std::string_view input,
                                  milliseconds limit) {
  const auto in = memory_file(), out = memory_file(), errors = memory_file();
  if (const int error = write_all(in.get(), input); error != 0)
    return unavailable(
        fmt::format("no memory for the input of {}: {}", words.front(), errno_text(error)));
  lseek(in.get(), 0, SEEK_SET);
  PEC_TRY(const auto status, run(words, {in.get(), out.get(), errors.get()}, limit));
  auto answer = written_to(out, words.front()), complaints = written_to(errors, words.front());
  for (const auto* each : {&answer, &complaints})
    if (!*each) return tl::unexpected(each->error());
  return CommandAnswer{status, std::move(*answer), std::move(*complaints)};
}

}  // namespace pec::service

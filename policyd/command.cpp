#include "command.hpp"

#include "base/file.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pec::policy {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How the program starts. These calls fail for lack of memory alone.
class StartSettings {
public:
  StartSettings() {
    check(posix_spawn_file_actions_init(&files));
    check(posix_spawnattr_init(&attributes));
    check(posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    check(posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO));
    check(posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1));
    // Our threads block the signals that end us, and we ignore SIGPIPE: a program inherits both.
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

Result<pid_t> start(const std::vector<std::string>& words) {
  std::vector<std::string> own = words;
  std::vector<char*> arguments;
  for (auto& word : own) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const StartSettings settings;
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

}  // namespace

Result<void> run_command(const std::vector<std::string>& words, milliseconds limit) {
  const auto child = start(words);
  if (!child) return tl::unexpected(child.error());
  const bool in_time = ends_within(*child, limit);
  if (!in_time) kill(-*child, SIGKILL);
  int status = 0;
  while (waitpid(*child, &status, 0) < 0)
    if (errno != EINTR)
      return internal_error(fmt::format("can't wait for {}: {}", words.front(), errno_text(errno)));
  if (!in_time)
    return unavailable(
        fmt::format("{} was killed because it took longer than {} s", words.front(),
                    std::chrono::duration_cast<std::chrono::duration<double>>(limit).count()));
  if (WIFSIGNALED(status))
    return unavailable(fmt::format("{} ended by signal {}", words.front(), WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    return unavailable(fmt::format("{} exited with {}", words.front(), WEXITSTATUS(status)));
  return {};
}

}  // namespace pec::policy

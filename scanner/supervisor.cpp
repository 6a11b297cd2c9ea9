// SPDX-License-Identifier: GPL-2.0-or-later

#include "scanner/supervisor.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pec::scanner {

namespace {

constexpr std::size_t longest_line = 1000;
constexpr std::string_view folder_name = "worker.";

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&set, signal);
  return set;
}

FileDescriptor lock(const std::filesystem::path& temp_dir) {
  FileDescriptor folder(open(temp_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || access(temp_dir.c_str(), W_OK | X_OK) != 0)
    throw std::runtime_error(fmt::format(
        "{}: nothing can be unpacked there ({}): make the folder, let the scanner's user write to "
        "it, or correct antivirus.scanner_temp_dir",
        temp_dir.string(), errno_text(errno)));
  if (flock(folder.get(), LOCK_EX | LOCK_NB) != 0)
    throw std::runtime_error(
        fmt::format("{}: another pec-scanner has it; end that one, or give each its own by "
                    "antivirus.scanner_temp_dir and antivirus.scanner_socket",
                    temp_dir.string()));
  return folder;
}

// Removes the folders of earlier workers. If that fails, it says so and goes on, so that a new
// worker can start.
void remove_folders(const std::filesystem::path& temp_dir) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(temp_dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(folder_name)) continue;
    std::error_code kept;
    std::filesystem::remove_all(entry->path(), kept);
    if (kept) spdlog::error("{}: can't be removed: {}", entry->path().string(), kept.message());
  }
}

Beats* shared_beats() {
  void* memory =
      mmap(nullptr, sizeof(Beats), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  return new (memory) Beats;
}

std::string how_it_ended(int status) {
  if (WIFEXITED(status)) return fmt::format("with status {}", WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  return fmt::format("by signal {} ({}){}", signal, strsignal(signal),
                     signal == SIGSYS ? ": it made a system call that scanning does not need" : "");
}

}  // namespace

Supervisor::Supervisor(SupervisorOptions options, Work work)
    : options_(std::move(options)),
      work_(std::move(work)),
      lock_(lock(options_.temp_dir)),
      beats_(shared_beats()) {
  const auto signals = our_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = FileDescriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) throw std::system_error(errno, std::generic_category(), "signalfd");
}

Supervisor::~Supervisor() {
  if (worker_ > 0) {
    kill(worker_, SIGKILL);
    waitpid(worker_, nullptr, 0);
  }
  munmap(beats_, sizeof(Beats));
}

void Supervisor::run() {
  while (!told_to_end()) {
    if (worker_ < 0 && Clock::now() - started_ >= options_.pause) start();
    wait_for_something();
    pass_on_log();
    reap();
    watch();
    options_.each_turn();
  }
}

void Supervisor::start() {
  started_ = Clock::now();
  killed_ = false;
  half_line_.clear();
  for (std::size_t i = 0; i < most_threads; ++i) {
    beats_->threads[i] = 0;
    seen_[i] = {0, started_};
  }
  remove_folders(options_.temp_dir);
  std::string folder = (options_.temp_dir / folder_name).string() + "XXXXXX";
  int ends[2] = {-1, -1};
  if (!mkdtemp(folder.data()) || pipe2(ends, O_CLOEXEC) != 0)
    return spdlog::error("{}: can't start the worker, next try soon: {}", folder,
                         errno_text(errno));
  folder_ = folder;
  log_ = FileDescriptor(ends[0]);
  FileDescriptor other_end(ends[1]);
  fcntl(log_.get(), F_SETFL, O_NONBLOCK);
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child == 0) be_worker(self, std::move(other_end));
  if (child < 0)
    return spdlog::error("can't start the worker, next try soon: {}", errno_text(errno));
  worker_ = child;
}

void Supervisor::be_worker(pid_t supervisor, FileDescriptor log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != supervisor) _exit(1);  // the supervisor has died already
  lock_ = {};
  signals_ = {};
  log_ = {};
  const auto signals = our_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  try {
    work_({*beats_, log.get(), folder_});
  } catch (const std::exception& problem) {
    const auto line = fmt::format("{}\n", text::printable(problem.what()));
    static_cast<void>(write_all(log.get(), line));
  }
  _exit(1);
}

void Supervisor::wait_for_something() {
  pollfd watched[] = {{signals_.get(), POLLIN, 0}, {log_.get(), POLLIN, 0}};
  // At most a second, so that the worker is watched often enough.
  const auto pause = std::min<std::chrono::milliseconds>(options_.pause, std::chrono::seconds(1));
  poll(watched, log_ ? 2 : 1, static_cast<int>(pause.count()));
}

bool Supervisor::told_to_end() {
  signalfd_siginfo signal{};
  bool end = false;
  while (read(signals_.get(), &signal, sizeof signal) == sizeof signal)
    end = end || signal.ssi_signo != SIGCHLD;
  return end;
}

// Reads a bounded piece, so that the worker is watched however much it writes.
void Supervisor::pass_on_log() {
  std::array<char, 4096> buffer{};
  const ssize_t size = log_ ? read(log_.get(), buffer.data(), buffer.size()) : 0;
  if (size == 0) log_ = {};
  if (size <= 0) return;
  half_line_.append(buffer.data(), static_cast<std::size_t>(size));
  for (auto end = half_line_.find('\n'); end != std::string::npos; end = half_line_.find('\n')) {
    spdlog::info("worker: {}", text::printable(half_line_.substr(0, std::min(end, longest_line))));
    half_line_.erase(0, end + 1);
  }
  if (half_line_.size() > longest_line) half_line_.resize(longest_line);
}

void Supervisor::reap() {
  int status = 0;
  if (worker_ < 0 || waitpid(worker_, &status, WNOHANG) != worker_) return;
  spdlog::error("the worker ended {}; another one starts. The messages that it was scanning wait",
                how_it_ended(status));
  while (log_) pass_on_log();  // to the pipe's end, or until nothing is left
  worker_ = -1;
}

void Supervisor::watch() {
  if (worker_ < 0 || killed_ || !hangs()) return;
  spdlog::error("the worker hangs; it is ended");
  kill(worker_, SIGKILL);
  killed_ = true;
}

bool Supervisor::hangs() {
  const auto now = Clock::now();
  bool begun = false;
  for (std::size_t i = 0; i < most_threads; ++i) {
    const std::uint32_t beats = beats_->threads[i];
    begun = begun || beats != 0;
    if (beats != seen_[i].beats)
      seen_[i] = {beats, now};
    else if (beats != 0 && now - seen_[i].at > options_.hang_limit)
      return true;
  }
  return !begun && now - started_ > options_.start_limit;
}

}  // namespace pec::scanner

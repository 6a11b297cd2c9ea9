// SPDX-License-Identifier: GPL-2.0-or-later

// The side of pec-scanner that does not scan: it starts the process that does, starts it again when
// that has ended, and ends it when a scan does not come to its end. It reads nothing that came from
// outside, so that no message can keep it from that.
//
//     Supervisor supervisor({.temp_dir = "/var/lib/pec-scanner", .hang_limit = 125s}, work);
//     supervisor.run();                     // until SIGTERM or SIGINT
//
// `work` runs in the worker, a fork: it never returns there. What it writes to `Worker::log`, line by
// line, gets into our log. The worker goes whenever we go, however that happens.
//
// What a worker has unpacked when it dies lies in a folder of its own below `temp_dir`, which is
// removed before the next begins: so a message that kills it again and again fills no disk.
//
// Constructing takes `temp_dir` for this process alone, and blocks the signals: before any other
// thread starts. Throws std::runtime_error, with how to mend it.
#pragma once

#include "base/file.hpp"
#include "scanner/server.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <sys/types.h>

namespace pec::scanner {

struct Worker {
  Beats& beats;
  int log;
  std::filesystem::path temp_dir;  // its own
};

struct SupervisorOptions {
  std::filesystem::path temp_dir;
  std::chrono::milliseconds hang_limit;  // without a sign of life from one of its threads
  std::chrono::milliseconds start_limit = std::chrono::minutes(10);  // without any: it loads
  std::chrono::milliseconds pause = std::chrono::seconds(1);         // from one start to the next
};

class Supervisor {
public:
  using Work = std::function<void(const Worker&)>;

  Supervisor(SupervisorOptions options, Work work);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor();

  void run();

private:
  using Clock = std::chrono::steady_clock;
  struct Seen {
    std::uint32_t beats = 0;
    Clock::time_point at;
  };

  void start();
  [[noreturn]] void be_worker(pid_t supervisor, FileDescriptor log);
  void wait_for_something();
  bool told_to_end();
  void pass_on_log();
  void reap();
  void watch();
  bool hangs();

  const SupervisorOptions options_;
  const Work work_;
  FileDescriptor lock_;     // of temp_dir
  FileDescriptor signals_;  // SIGTERM, SIGINT, SIGCHLD
  Beats* const beats_;      // in memory that is the worker's, too
  FileDescriptor log_;      // the end that we read
  std::string half_line_;
  std::filesystem::path folder_;  // the worker's
  pid_t worker_ = -1;
  bool killed_ = false;
  Clock::time_point started_{};
  std::array<Seen, most_threads> seen_{};
};

}  // namespace pec::scanner

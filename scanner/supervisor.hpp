// SPDX-License-Identifier: GPL-2.0-or-later

// The part of pec-scanner that does not scan. It starts the worker, the process that scans, and
// starts another when that has ended. It kills the worker when a scan does not end. It reads
// nothing from outside, so no message can stop it.
//
//     Supervisor supervisor({.temp_dir = "/var/lib/pec-scanner", .hang_limit = 125s}, work);
//     supervisor.run();                     // until SIGTERM or SIGINT
//
// `work` runs in the worker, a fork, and never returns there. Each line that it writes to
// `Worker::log` gets into our log. The worker ends whenever we end, for whatever reason.
//
// Each worker unpacks into a folder of its own below `temp_dir`. This folder is removed before the
// next worker starts. So a message that kills workers again and again does not fill the disk.
//
// run() never waits for the worker. So `each_turn`, which tells systemd that we are alive, stops
// only if we hang ourselves.
//
// The constructor locks `temp_dir` for this process and blocks the signals, so call it before any
// other thread starts. It throws std::runtime_error, with what to correct.
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
  std::chrono::milliseconds start_limit = std::chrono::minutes(10);  // no sign at all yet: it loads
  std::chrono::milliseconds pause = std::chrono::seconds(1);         // at least, between two starts
  std::function<void()> each_turn = [] {};  // called by run(), at least once a second
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
  Beats* const beats_;      // shared with the worker
  FileDescriptor log_;      // the end from which we read
  std::string half_line_;
  std::filesystem::path folder_;  // the worker's
  pid_t worker_ = -1;
  bool killed_ = false;
  Clock::time_point started_{};
  std::array<Seen, most_threads> seen_{};
};

}  // namespace pec::scanner

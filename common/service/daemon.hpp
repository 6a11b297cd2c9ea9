// SPDX-License-Identifier: GPL-2.0-or-later

// The frame of a daemon's main(): --config, signals, and what keeps it from starting, in a sentence on
// standard error.
//
//     CLI::App app("What it does", "pec-policyd");
//     return run_daemon(app, argc, argv, [](const std::string& config_file) -> Result<void> { ... });
//
// In the main thread, before any other.
#pragma once

#include "base/result.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <initializer_list>
#include <pthread.h>
#include <string>

namespace pec {

// From now on these signals are for the threads that wait for them, and would end the process if another thread
// got them. To write to somebody who is gone is an error, and no signal.
inline sigset_t block_signals(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

// `run` gets the configuration's file. Its error, or what it throws, is what keeps the daemon from starting.
template <class Run>
int run_daemon(CLI::App& app, int argc, char** argv, const Run& run) {
  std::string config_file = "/etc/pec/pec.toml", problem;
  app.add_option("--config", config_file, "Configuration file (TOML)")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    const Result<void> done = run(config_file);
    if (done) return 0;
    problem = done.error().detail;
  } catch (const std::exception& error) {
    problem = error.what();
  }
  fmt::print(stderr, "{}: {}\n", app.get_name(), problem);
  return 1;
}

}  // namespace pec

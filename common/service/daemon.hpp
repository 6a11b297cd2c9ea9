// SPDX-License-Identifier: GPL-2.0-or-later

// The frame of a daemon's main(): it reads --config, answers --version and --manual, blocks
// signals, and says on standard error in one sentence why the daemon can't start.
//
//     CLI::App app("What it does", "pec-policyd");
//     return run_daemon(app, argc, argv, [](const std::string& config_file) { ... });
//
// Call it in the main thread, before any other thread starts.
#pragma once

#include "base/result.hpp"
#include "base/version.hpp"
#include "service/manual.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <initializer_list>
#include <pthread.h>
#include <string>

namespace pec::service {

// From now on only the threads that wait for these signals get them; in any other thread they would
// end the process. Writing to a closed connection becomes an error instead of a signal.
inline sigset_t block_signals(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

// `run` gets the path of the configuration. Its error or exception says why the daemon can't start.
template <class Run>
int run_daemon(CLI::App& app, int argc, char** argv, const Run& run) {
  std::string config_file = "/etc/pec/pec.toml", problem;
  app.add_option("--config", config_file, "Configuration file (TOML)")
      ->type_name("FILE")
      ->capture_default_str();
  app.set_version_flag("--version", fmt::format("{} {}", app.get_name(), version()),
                       "Print the version, and exit");
  bool manual = false;
  app.add_flag("--manual", manual)->group("");  // hidden: for the build
  CLI11_PARSE(app, argc, argv);
  if (manual) {
    fmt::print("{}", manual_page(app));
    return 0;
  }
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

}  // namespace pec::service

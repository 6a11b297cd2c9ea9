// SPDX-License-Identifier: GPL-2.0-or-later

// libclamav as a scanner: one engine, shared by all threads that scan. It finds what must not be
// certified (RFC 6109, 3.1.3, 3.2.4).
//
//     ClamEngine scanner(options, [](std::string line) { spdlog::info("{}", line); });
//     ScanResult result = scanner.scan(message);
//     scanner.state()  ->  "120 signatures, database of 2026-11-22 10:00 UTC, loaded …"
//
// The constructor loads the database, which may take a quarter of a minute. It then starts a thread
// that looks now and then whether the database folder has changed. A new database is loaded beside
// the old one and takes its place. Running scans finish with the old one, and the last of them
// frees it. No scan waits. If a load fails, the old database stays in use; without one, scans fail
// with no_engine until a later load succeeds. The log and the state say why.
//
// Only the constructor throws, and only if libclamav itself can't start. Any thread.
#pragma once

#include "base/guarded.hpp"
#include "pec/ports.hpp"
#include "scanner/clam_database.hpp"
#include "scanner/clam_options.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace pec::scanner {

class ClamEngine final : public Scanner {
public:
  // Gets one line for the log, from the constructor and from the thread that looks at the folder.
  using Log = std::function<void(std::string)>;

  ClamEngine(ClamOptions options, Log log,
             std::chrono::milliseconds look_every = std::chrono::minutes(1));

  // An old database may still find a virus. If it finds none, the scan fails with old_database.
  ScanResult scan(const mime::Rope& message) const override;

  // A sentence: what is loaded, or why nothing is.
  std::string state() const override;

private:
  struct State {
    std::shared_ptr<const ClamDatabase> database;  // null: none yet
    std::string problem;                           // of the last load; empty if it succeeded
  };

  State current() const { return *state_.lock(); }
  void look();
  void note_problem(std::string problem);

  const ClamOptions options_;
  const Log log_;
  DatabaseFolder loaded_;  // of the last successful load; used by the thread only, once it runs
  mutable Guarded<State> state_;
  std::jthread thread_;  // last member: it stops before the others go
};

}  // namespace pec::scanner

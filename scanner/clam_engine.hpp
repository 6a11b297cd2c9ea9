// SPDX-License-Identifier: GPL-2.0-or-later

// libclamav as a scanner: one engine, shared by all threads that scan (RFC 6109, 3.1.3,
// 3.2.4: what must not be certified has to be found).
//
//     ClamEngine scanner(options, [](std::string line) { spdlog::info("virus scanner: {}", line); });
//     ScanResult result = scanner.scan(message);
//     scanner.state()  ->  "120 signatures, database of 2026-11-22 10:00 UTC, loaded …"
//
// Constructing loads the database, which may take a quarter of a minute, and starts a thread that
// looks now and then whether its folder has changed. A new database is loaded beside the running one
// and takes its place; scans under way finish with the old one, which goes with the last of them.
// No scan waits. If nothing can be loaded the running one stays, or there is none and scans fail
// with no_engine, until a later look succeeds; the log and the state say why.
//
// Throws at construction only, and only if libclamav itself can't start. Any thread.
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
  // Called with one line for the log, from the thread that looks, and from the constructor.
  using Log = std::function<void(std::string)>;

  ClamEngine(ClamOptions options, Log log,
             std::chrono::milliseconds look_every = std::chrono::minutes(1));

  // A virus that an old database finds is found; what it finds clean fails with old_database.
  ScanResult scan(const mime::Rope& message) const override;

  // In words: what is loaded, or why nothing is.
  std::string state() const override;

private:
  struct State {
    std::shared_ptr<const ClamDatabase> database;  // null: none yet
    std::string problem;                           // with the last load; empty if it went well
  };

  State current() const { return *state_.lock(); }
  void look();
  void note_problem(std::string problem);

  const ClamOptions options_;
  const Log log_;
  DatabaseFolder loaded_;  // of the last load that went well; the thread's, once it runs
  mutable Guarded<State> state_;
  std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace pec::scanner

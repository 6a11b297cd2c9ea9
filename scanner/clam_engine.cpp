// SPDX-License-Identifier: GPL-2.0-or-later

#include "scanner/clam_engine.hpp"

#include "antivirus/clam_mail.hpp"
#include "base/repeating.hpp"
#include "scanner/clam_messages.hpp"
#include "scanner/clam_scan.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::scanner {

ClamEngine::ClamEngine(ClamOptions options, Log log, std::chrono::milliseconds look_every)
    : options_(std::move(options)), log_(std::move(log)) {
  const ClamMessages libclamav_starts;  // before another thread calls it
  look();
  thread_ = repeating(look_every, [this] { look(); });
}

// Loads the database if the folder has changed since the last load. A failed load is tried again at
// each look, and reported once.
void ClamEngine::look() try {
  auto folder = DatabaseFolder::look_at(options_.database_dir);
  if (!folder) return note_problem(folder.error().detail);
  if (*folder == loaded_ && current().database) return note_problem({});
  auto database = ClamDatabase::load(options_, *folder);
  if (!database) return note_problem(database.error().detail);
  loaded_ = std::move(*folder);
  State old = std::exchange(*state_.lock(), State{*database, {}});
  old.database.reset();  // not under the lock, since freeing it takes a while
  log_((*database)->description());
} catch (const std::exception& error) {
  note_problem(error.what());
}

void ClamEngine::note_problem(std::string problem) {
  {
    auto state = state_.lock();
    if (std::exchange(state->problem, problem) == problem) return;
  }
  if (!problem.empty()) log_(state());
}

ScanResult ClamEngine::scan(const mime::Rope& message) const {
  const State now = current();
  if (!now.database) return antivirus::scan_failed(ScanResult::Failure::no_engine, state());
  auto result = scan_message(*now.database, options_, message);
  const bool too_old = options_.max_database_age.count() > 0 &&
                       SystemClock().now() - now.database->made() > options_.max_database_age;
  if (result.outcome == ScanResult::Outcome::clean && too_old)
    return antivirus::scan_failed(
        ScanResult::Failure::old_database,
        fmt::format("older than {} hours: {}", options_.max_database_age.count(), state()));
  return result;
}

std::string ClamEngine::state() const {
  const State now = current();
  if (!now.database) return "no virus database: " + now.problem;
  const auto loaded = now.database->description();
  return now.problem.empty() ? loaded : loaded + "; it can't be renewed: " + now.problem;
}

}  // namespace pec::scanner

// SPDX-License-Identifier: GPL-2.0-or-later

// The one writer of the ledger's database in this process. A commit waits for the disk; callers
// that come meanwhile share the next one (group commit).
//
//     Result<void> done = writer.run([&](soci::session& sql) { sql << "INSERT ...", use(x); });
//     if (done) ...           // it is on the disk
//
// Errors: unavailable, in one sentence. Nothing of that job is in the database then; but after a
// lost connection it may be. Do the job again: it must be idempotent. Any thread may call run();
// jobs run one after another on the writer's own thread.
#pragma once

#include "base/guarded.hpp"
#include "ledger/database.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace pec::ledger {

// Throws to fail: its writes are undone then, and the other jobs of the batch go on.
using Job = std::function<void(soci::session&)>;

class BatchWriter {
public:
  explicit BatchWriter(std::shared_ptr<const Database> database);
  ~BatchWriter();  // after the last run() has returned
  BatchWriter(const BatchWriter&) = delete;
  BatchWriter& operator=(const BatchWriter&) = delete;

  Result<void> run(const Job& job);

  std::uint64_t commits() const { return state_.lock()->commits; }
  std::size_t waiting() const { return state_.lock()->waiting.size(); }  // not begun yet

private:
  // A job and its outcome. It lives in run(), which waits until the job is done.
  struct Pending {
    const Job& job;
    std::optional<Error> failure = std::nullopt;
    bool done = false;
  };
  struct State {
    std::vector<Pending*> waiting;
    std::uint64_t commits = 0;
    bool stopping = false;
  };

  void serve() noexcept;
  bool wait_for_work();
  std::vector<Pending*> take_waiting();
  void run_batch() noexcept;
  void run_one(Pending& pending);

  const std::shared_ptr<const Database> database_;
  std::unique_ptr<soci::session> session_;  // the thread's; none: connect before the next batch
  mutable Guarded<State> state_;
  std::condition_variable work_;  // something waits, or we are stopping
  std::condition_variable done_;  // a batch has its outcomes
  std::thread thread_;            // last: everything else is there when it starts
};

}  // namespace pec::ledger

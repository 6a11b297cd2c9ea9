// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/batch_writer.hpp"

#include <soci/soci.h>
#include <utility>

namespace pec::ledger {

BatchWriter::BatchWriter(std::shared_ptr<const Database> database)
    : database_(std::move(database)), thread_([this] { serve(); }) {}

BatchWriter::~BatchWriter() {
  state_.lock()->stopping = true;
  work_.notify_one();
  thread_.join();
}

Result<void> BatchWriter::run(const Job& job) {
  Pending pending{job};
  auto state = state_.lock();
  state->waiting.push_back(&pending);
  work_.notify_one();
  done_.wait(state.unique_lock(), [&] { return pending.done; });
  if (pending.failure) return tl::unexpected(std::move(*pending.failure));
  return {};
}

void BatchWriter::serve() noexcept {
  while (wait_for_work()) run_batch();
}

bool BatchWriter::wait_for_work() {
  auto state = state_.lock();
  work_.wait(state.unique_lock(), [&] { return !state->waiting.empty() || state->stopping; });
  return !state->waiting.empty();
}

std::vector<BatchWriter::Pending*> BatchWriter::take_waiting() {
  return std::exchange(state_.lock()->waiting, {});
}

// Takes the jobs only after it has the write lock, so jobs that come while it waits are in the
// batch, too.
void BatchWriter::run_batch() noexcept {
  std::vector<Pending*> batch;
  std::optional<Error> failure;
  try {
    if (!session_ || !session_->is_connected()) session_ = database_->connect();
    database_->begin_writing(*session_);
    batch = take_waiting();
    for (Pending* pending : batch) run_one(*pending);
    session_->commit();
  } catch (const std::exception& error) {
    failure = database_->explain(error);
    session_.reset();  // rolls back; a connection that failed is not trusted again
    if (batch.empty()) batch = take_waiting();
  }
  auto state = state_.lock();
  if (!failure) ++state->commits;
  for (Pending* pending : batch) {
    if (failure) pending->failure = failure;
    pending->done = true;
  }
  done_.notify_all();
}

// Some errors make the database undo the whole transaction (a full disk may). The savepoint is gone
// then, ROLLBACK TO throws, and the whole batch fails: no job counts as done. RELEASE shows in the
// same way that the transaction is sound. If it isn't, PostgreSQL answers COMMIT with a ROLLBACK,
// but without an error.
void BatchWriter::run_one(Pending& pending) {
  *session_ << "SAVEPOINT job";
  try {
    pending.job(*session_);
  } catch (const std::exception& error) {
    pending.failure = database_->explain(error);
    *session_ << "ROLLBACK TO SAVEPOINT job";
  }
  *session_ << "RELEASE SAVEPOINT job";
}

}  // namespace pec::ledger

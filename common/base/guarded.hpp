// SPDX-License-Identifier: GPL-2.0-or-later

// Guarded<T>: a value and the lock that protects it, as one type. Only lock() leads to the value,
// so nobody can touch it unlocked.
//
//     Guarded<std::deque<Job>> jobs;
//     jobs.lock()->push_back(job);
//
// To wait on a condition, take `auto held = jobs.lock()` and pass held.unique_lock().
#pragma once

#include <mutex>
#include <utility>

namespace pec {

template <class T>
class Guarded {
public:
  class Held {
  public:
    Held(std::mutex& mutex, T& value) : lock_(mutex), value_(value) {}
    T* operator->() { return &value_; }
    T& operator*() { return value_; }
    std::unique_lock<std::mutex>& unique_lock() { return lock_; }

  private:
    std::unique_lock<std::mutex> lock_;
    T& value_;
  };

  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}
  Held lock() { return Held(mutex_, value_); }

private:
  std::mutex mutex_;
  T value_{};
};

}  // namespace pec

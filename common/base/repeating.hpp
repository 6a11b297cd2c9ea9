// SPDX-License-Identifier: GPL-2.0-or-later

// A thread that repeats some work until it is destroyed.
//
//     std::jthread thread = repeating(std::chrono::minutes(1), [this] { look(); });
//
// The first time is after one interval. The end does not wait for the interval to pass, only for
// work under way. `work` must not throw.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace pec {

inline std::jthread repeating(std::chrono::milliseconds every, std::function<void()> work) {
  return std::jthread([every, work = std::move(work)](const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    for (;;) {
      never.wait_for(lock, stop, every, [] { return false; });
      if (stop.stop_requested()) return;
      work();
    }
  });
}

}  // namespace pec

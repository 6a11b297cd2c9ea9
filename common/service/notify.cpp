// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/notify.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>
#include <utility>

namespace pec::service {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// How long the first answer may take if systemd does not watch.
constexpr std::chrono::seconds usual_limit{20};

// WatchdogSec; zero if systemd does not watch.
microseconds watchdog_limit() {
  std::uint64_t limit = 0;
  return microseconds(sd_watchdog_enabled(0, &limit) > 0 ? limit : 0);
}

void watch(const std::stop_token& stop, const SelfWatch::Ask& ask) {
  const auto watchdog = watchdog_limit();
  const bool is_watched = watchdog > microseconds::zero();
  const auto limit =
      std::chrono::duration_cast<milliseconds>(is_watched ? watchdog : microseconds(usual_limit));
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  for (bool ready = false; !stop.stop_requested();
       never.wait_for(lock, stop, limit / 4, [] { return false; })) {
    const auto answered = ask({limit / 2, stop});
    if (stop.stop_requested()) return;
    if (!answered) {
      spdlog::error("no answer at its own socket: {}{}", answered.error().detail,
                    is_watched ? "; systemd restarts it if this lasts" : "");
      continue;
    }
    if (!std::exchange(ready, true)) notify_ready();
    if (!is_watched) return;
    notify_alive();
  }
}

}  // namespace

void notify_ready() {
  sd_notify(0, "READY=1");
}

void notify_alive() {
  sd_notify(0, "WATCHDOG=1");
}

SelfWatch::SelfWatch(Ask ask) {
  if (std::getenv("NOTIFY_SOCKET") == nullptr) return;
  thread_ = std::jthread([ask = std::move(ask)](const std::stop_token& stop) { watch(stop, ask); });
  pthread_setname_np(thread_.native_handle(), "self-watch");
}

}  // namespace pec::service

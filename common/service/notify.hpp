// SPDX-License-Identifier: GPL-2.0-or-later

// Tells systemd that a daemon is ready, and that it still answers (Type=notify, WatchdogSec).
//
//     const SelfWatch watch([&](const Patience& patience) { return ask_myself(patience); });
//     // a daemon that is one loop, and can't hang between its turns:
//     notify_ready();
//     notify_alive();  // in each turn
//
// A SelfWatch asks the daemon at its own socket, in a thread, as a client would. After the first
// answer it says READY=1, and WATCHDOG=1 after each one. If answers stay away, systemd hears no
// more and restarts the daemon. It asks four times in WatchdogSec, and an answer has half of that
// time, so one that is late does no harm.
//
// Without systemd (no NOTIFY_SOCKET in the environment) nothing of this does anything. A message
// that systemd does not get is lost without an error: systemd then restarts the daemon. Any thread.
#pragma once

#include "base/result.hpp"
#include "service/own_socket.hpp"

#include <functional>
#include <thread>

namespace pec::service {

void notify_ready();
void notify_alive();

class SelfWatch {
public:
  // Error: the daemon has not answered as it should within `patience`; why, for the log.
  using Ask = std::function<Result<void>(const Patience& patience)>;

  // Call it when the socket listens. `ask` must not throw; its thread bears the name "self-watch".
  // The destructor stops a question under way: a daemon that is ending need not answer.
  explicit SelfWatch(Ask ask);

private:
  std::jthread thread_;
};

}  // namespace pec::service

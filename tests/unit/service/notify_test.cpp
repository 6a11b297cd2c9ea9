// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/notify.hpp"

#include "base/file.hpp"
#include "support/temporary_folder.hpp"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <future>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>

using namespace pec;
using namespace pec::service;
using namespace std::chrono_literals;

namespace {

// Where systemd listens, for a service with this WatchdogSec.
class Systemd {
public:
  explicit Systemd(std::chrono::microseconds watchdog = 0us)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un here{};
    here.sun_family = AF_UNIX;
    const std::string path = folder_.path("notify");
    path.copy(here.sun_path, sizeof here.sun_path - 1);
    REQUIRE(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    if (watchdog > 0us) setenv("WATCHDOG_USEC", std::to_string(watchdog.count()).c_str(), 1);
  }
  Systemd(const Systemd&) = delete;
  Systemd& operator=(const Systemd&) = delete;
  ~Systemd() {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
  }

  // What it is told next; waits for it.
  std::string next() const {
    pollfd watched{socket_.get(), POLLIN, 0};
    REQUIRE(poll(&watched, 1, 60'000) == 1);
    return received();
  }
  // What it has been told and nobody has read, or nothing.
  std::string received() const {
    std::array<char, 256> text{};
    const auto size = recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    if (size < 0) {
      REQUIRE(errno == EAGAIN);
      return "";
    }
    return {text.data(), static_cast<std::size_t>(size)};
  }

private:
  const test::TemporaryFolder folder_;
  const FileDescriptor socket_;
};

// A daemon that answers, or not, as it is told.
class Daemon {
public:
  SelfWatch::Ask ask() {
    return [this](const Patience&) -> Result<void> {
      ++asked;
      asked.notify_all();
      if (answers) return {};
      return unavailable("/run/daemon.sock: timed out");
    };
  }
  // Returns after so many more questions.
  void wait_for_questions(int count) const {
    for (int now = asked, end = now + count; now < end; now = asked) asked.wait(now);
  }

  std::atomic<bool> answers = true;
  std::atomic<int> asked = 0;
};

}  // namespace

TEST_CASE("without systemd a daemon is not asked") {
  Daemon daemon;
  notify_ready();
  notify_alive();
  { const SelfWatch watch(daemon.ask()); }
  CHECK(daemon.asked == 0);
}

TEST_CASE("a daemon is ready when it has answered, and not before") {
  const Systemd systemd;
  std::promise<void> let_it_answer;
  std::promise<void> asked;
  const SelfWatch watch([&](const Patience& patience) -> Result<void> {
    CHECK(patience.time > 1s);
    asked.set_value();
    let_it_answer.get_future().wait();
    return {};
  });
  asked.get_future().wait();
  CHECK(systemd.received().empty());
  let_it_answer.set_value();
  CHECK(systemd.next() == "READY=1");
}

TEST_CASE("without a watchdog a daemon that is ready is not asked again") {
  const Systemd systemd;
  Daemon daemon;
  {
    const SelfWatch watch(daemon.ask());
    CHECK(systemd.next() == "READY=1");
  }
  CHECK(daemon.asked == 1);
  CHECK(systemd.received().empty());
}

TEST_CASE("a daemon that does not answer yet is asked again until it is ready") {
  const Systemd systemd(100ms);
  Daemon daemon;
  daemon.answers = false;
  const SelfWatch watch(daemon.ask());
  daemon.wait_for_questions(3);
  CHECK(systemd.received().empty());
  daemon.answers = true;
  CHECK(systemd.next() == "READY=1");
  CHECK(systemd.next() == "WATCHDOG=1");
}

TEST_CASE("the watchdog hears of a daemon while it answers, and no longer") {
  const Systemd systemd(100ms);
  Daemon daemon;
  const SelfWatch watch(daemon.ask());
  CHECK(systemd.next() == "READY=1");
  for (int i = 0; i < 3; ++i) CHECK(systemd.next() == "WATCHDOG=1");
  daemon.answers = false;
  daemon.wait_for_questions(2);  // the answer to the first may have been a good one
  while (!systemd.received().empty()) {
  }
  daemon.wait_for_questions(3);
  CHECK(systemd.received().empty());
  daemon.answers = true;
  CHECK(systemd.next() == "WATCHDOG=1");
}

TEST_CASE("a daemon is asked four times in WatchdogSec and has half of it to answer") {
  const Systemd systemd(8s);
  std::promise<std::chrono::milliseconds> patience;
  {
    const SelfWatch watch([&](const Patience& given) -> Result<void> {
      patience.set_value(given.time);
      return {};
    });
    CHECK(systemd.next() == "READY=1");
  }  // without waiting for the next question
  CHECK(patience.get_future().get() == 4s);
}

TEST_CASE("a daemon that is ending need not answer") {
  const Systemd systemd;
  std::promise<void> asked;
  {
    const SelfWatch watch([&](const Patience& patience) -> Result<void> {
      asked.set_value();
      std::promise<void> stopped;
      const std::stop_callback at_the_end(patience.stop, [&] { stopped.set_value(); });
      stopped.get_future().wait();
      return {};
    });
    asked.get_future().wait();
  }
  CHECK(systemd.received().empty());
}

TEST_CASE("a daemon that is one loop says itself that it is ready and alive") {
  const Systemd systemd;
  notify_ready();
  notify_alive();
  CHECK(systemd.next() == "READY=1");
  CHECK(systemd.next() == "WATCHDOG=1");
}

// SPDX-License-Identifier: GPL-2.0-or-later

// A client of a server under test, and how to wait.
#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace pec {

// A client's end of a connection; a long read fails. It throws where another test would assert,
// because Catch's assertions are for one thread.
class TestClient {
public:
  explicit TestClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("can't connect");
    limit_waiting();
  }
  explicit TestClient(const std::string& path)
      : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path.copy(to.sun_path, sizeof to.sun_path - 1);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("can't connect");
    limit_waiting();
  }
  TestClient(TestClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  TestClient& operator=(TestClient&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~TestClient() {
    if (fd_ >= 0) close(fd_);
  }

  void write(std::string_view text) const {
    // The other end may hang up in the middle of it.
    while (!text.empty()) {
      const auto sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // So many octets, or fewer if the connection ends.
  std::string read(std::size_t count) const {
    std::string got;
    std::array<char, 256> piece;
    while (got.size() < count) {
      const auto size = recv(fd_, piece.data(), std::min(piece.size(), count - got.size()), 0);
      if (size < 0 && errno == EAGAIN) throw std::runtime_error("no answer in 20 seconds");
      if (size <= 0) break;
      got.append(piece.data(), static_cast<std::size_t>(size));
    }
    return got;
  }
  bool is_closed() const { return read(1).empty(); }

private:
  void limit_waiting() const {
    const timeval limit{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  int fd_;
};

inline void wait_until(const std::function<bool()>& holds) {
  for (int tries = 0; !holds(); ++tries) {
    REQUIRE(tries < 2000);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// A server on a unix socket that gives each connection the same answer and hangs up; or, without an
// answer, one that listens and never takes a connection, as a program that hangs.
//
//     FixedAnswers server("hello");   // or FixedAnswers hanging(std::nullopt);
//     connect_to(server.path());
//     server.asked();                 // all that the last connection has sent, up to the answer
//
// Throws std::runtime_error if it can't listen.
#pragma once

#include "base/file.hpp"
#include "base/guarded.hpp"
#include "support/temporary_folder.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <utility>

namespace pec::test {

class FixedAnswers {
public:
  explicit FixedAnswers(std::optional<std::string> answer)
      : listening_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto here = address();
    if (bind(listening_.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
        listen(listening_.get(), 10) != 0)
      throw std::runtime_error("can't listen at " + path());
    if (answer) thread_ = std::jthread([this, answer = *answer] { serve(answer); });
  }
  FixedAnswers(const FixedAnswers&) = delete;
  FixedAnswers& operator=(const FixedAnswers&) = delete;
  ~FixedAnswers() { shutdown(listening_.get(), SHUT_RDWR); }  // accept() returns

  std::string path() const { return folder_.path("socket"); }
  // False: it failed, because nobody takes connections and too many wait.
  bool connect(int client) const {
    const auto there = address();
    return ::connect(client, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
  }
  std::string asked() const { return *asked_.lock(); }

private:
  sockaddr_un address() const {
    sockaddr_un here{};
    here.sun_family = AF_UNIX;
    path().copy(here.sun_path, sizeof here.sun_path - 1);
    return here;
  }

  void serve(const std::string& answer) {
    for (;;) {
      const FileDescriptor client(accept(listening_.get(), nullptr, nullptr));
      if (!client) return;
      std::array<char, 256> piece{};
      const auto size = recv(client.get(), piece.data(), piece.size(), 0);
      *asked_.lock() = std::string(piece.data(), static_cast<std::size_t>(size > 0 ? size : 0));
      send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  const TemporaryFolder folder_;
  const FileDescriptor listening_;
  mutable Guarded<std::string> asked_;
  std::jthread thread_;  // last: ends first
};

}  // namespace pec::test

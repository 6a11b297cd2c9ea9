// SPDX-License-Identifier: GPL-2.0-or-later

// A private clamd on a unix socket and on a port of the loopback. It has a small database, in a
// folder that is removed with it.
//
//     Clamd clamd;                       // ready when constructed
//     clamd.socket(); clamd.port();
//     clamd.stop(); clamd.start();       // restarted
#pragma once

#include "support/clam_samples.hpp"
#include "support/free_port.hpp"
#include "support/temporary_folder.hpp"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace pec::test {

inline sockaddr_un unix_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

class Clamd {
public:
  // `settings`: further lines for its configuration.
  explicit Clamd(const std::string& settings = "") {
    std::filesystem::create_directory(database());
    make_database(database());
    put_file(folder_.path() / "clamd.conf",
             fmt::format("Foreground yes\nDatabaseDirectory {}\nLocalSocket {}\nTCPSocket {}\n"
                         "TCPAddr 127.0.0.1\nTemporaryDirectory {}\nAlertExceedsMax yes\n"
                         "SelfCheck 0\nLogFile {}\n{}",
                         database().string(), socket(), port_, folder_.path().string(),
                         log_file().string(), settings));
    start();
  }
  Clamd(const Clamd&) = delete;
  Clamd& operator=(const Clamd&) = delete;
  ~Clamd() { stop(); }

  std::string socket() const { return (folder_.path() / "clamd.ctl").string(); }
  std::string port() const { return fmt::format("127.0.0.1:{}", port_); }

  void start() {
    const auto config = "--config-file=" + (folder_.path() / "clamd.conf").string();
    child_ = fork();
    if (child_ == 0) {
      const int nowhere = open("/dev/null", O_RDWR);
      dup2(nowhere, STDOUT_FILENO);
      dup2(nowhere, STDERR_FILENO);
      execl("/usr/sbin/clamd", "clamd", config.c_str(), nullptr);
      _exit(127);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!accepts()) {
      if (waitpid(child_, nullptr, WNOHANG) != 0 || std::chrono::steady_clock::now() > deadline)
        throw std::runtime_error("clamd did not start: " + content_of(log_file()));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  void stop() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    child_ = -1;
  }

private:
  std::filesystem::path database() const { return folder_.path() / "database"; }
  std::filesystem::path log_file() const { return folder_.path() / "clamd.log"; }

  bool accepts() const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const auto address = unix_address(socket());
    const bool good = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return good;
  }

  const TemporaryFolder folder_;
  const int port_ = free_port();
  pid_t child_ = -1;
};

}  // namespace pec::test

// SPDX-License-Identifier: GPL-2.0-or-later

// A private OpenLDAP server, set up by scripts/ldap-copy, in a folder that is removed with it. It
// listens on a unix socket and, with TLS, on a port of the loopback.
//
//     Slapd slapd(ldif);                              // ready when constructed
//     slapd.url(); slapd.tls_url("127.0.0.1");
//     slapd.change("dn: ...\nchangetype: modify\n...");
//     slapd.stop(); slapd.start();                    // restarted
//
// Throws std::runtime_error if anything fails. Its certificate is for 127.0.0.1, and it also
// listens at 127.0.0.2. (For "localhost", libldap would look for this host's name in the
// certificate.)
#pragma once

#include "base/text.hpp"
#include "support/free_port.hpp"
#include "unit/smime/test_pki.hpp"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace pec::test {

class Slapd {
public:
  explicit Slapd(const std::string& ldif) {
    folder_.write("directory.ldif", ldif);
    must_run(PEC_SOURCE_DIR "/scripts/ldap-copy copy directory.ldif");
    make_certificate();
    must_run("/usr/sbin/slapmodify -n 0 -F copy/config -l tls.ldif");
    start();
  }
  Slapd(const Slapd&) = delete;
  Slapd& operator=(const Slapd&) = delete;
  ~Slapd() { stop(); }

  std::string url() const { return "ldapi://" + text::replace_all(socket(), "/", "%2F"); }
  std::string tls_url(std::string_view host) const {
    return fmt::format("ldaps://{}:{}", host, port_);
  }
  std::filesystem::path ca_file() const { return folder_.path("ca.pem"); }
  const TemporaryFolder& folder() const { return folder_; }

  // Applies LDIF change records with OpenLDAP's own client.
  void change(const std::string& ldif) {
    folder_.write("change.ldif", ldif);
    must_run("ldapmodify -Q -Y EXTERNAL -H " + url() + " -f change.ldif");
  }

  void start() {
    const auto config = folder_.path("copy/config").string();
    const auto urls =
        fmt::format("{} ldaps://127.0.0.1:{} ldaps://127.0.0.2:{}", url(), port_, port_);
    const auto log = folder_.path("slapd.log").string();
    child_ = fork();
    if (child_ == 0) {
      const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      dup2(output, STDOUT_FILENO);
      dup2(output, STDERR_FILENO);
      execl("/usr/sbin/slapd", "slapd", "-d", "0", "-F", config.c_str(), "-h", urls.c_str(),
            nullptr);
      _exit(127);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!accepts()) {
      if (waitpid(child_, nullptr, WNOHANG) != 0 || std::chrono::steady_clock::now() > deadline)
        throw std::runtime_error("slapd did not start: " + run(folder_, "cat slapd.log").output);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  void stop() {
    if (child_ <= 0) return;
    kill(child_, SIGTERM);  // a clean end: it writes its contextCSN
    waitpid(child_, nullptr, 0);
    child_ = -1;
  }

private:
  std::string socket() const { return folder_.path("copy/ldapi").string(); }

  void must_run(const std::string& shell_line) const {
    const auto done = run(folder_, shell_line);
    if (done.status != 0) throw std::runtime_error(shell_line + ": " + done.output);
  }

  // Valid today, whatever day it is.
  void make_certificate() const {
    const auto today = SystemClock().now();
    Profile ca{.common_name = "Directory's CA",
               .not_before = today - std::chrono::days(1),
               .not_after = today + std::chrono::days(1),
               .ca = true};
    Profile server{.common_name = "127.0.0.1",
                   .not_before = ca.not_before,
                   .not_after = ca.not_after,
                   .extended_key_usage = "serverAuth"};
    const auto issuer = make_identity(ca), own = make_identity(server, &issuer);
    folder_.write("ca.pem", pem(*issuer.certificate));
    folder_.write("tls.ldif",
                  fmt::format("dn: cn=config\nchangetype: modify\n"
                              "add: olcTLSCertificateFile\nolcTLSCertificateFile: {}\n-\n"
                              "add: olcTLSCertificateKeyFile\n"
                              "olcTLSCertificateKeyFile: {}\n",
                              folder_.write("tls.pem", pem(*own.certificate)).string(),
                              folder_.write("tls.key", pem(*own.key)).string()));
  }

  bool accepts() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket().copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const bool good = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return good;
  }

  const TemporaryFolder folder_;
  const int port_ = free_port();
  pid_t child_ = -1;
};

// Takes connections and never answers, on a unix socket or on a port of the loopback.
class SilentServer {
public:
  explicit SilentServer(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    listen_at(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  explicit SilentServer(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listen_at(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  ~SilentServer() { close(fd_); }

private:
  void listen_at(int family, const sockaddr* address, socklen_t size) {
    fd_ = ::socket(family, SOCK_STREAM, 0);
    if (fd_ < 0 || bind(fd_, address, size) != 0 || listen(fd_, 8) != 0)
      throw std::runtime_error("can't listen");
  }

  int fd_ = -1;
};

}  // namespace pec::test

// SPDX-License-Identifier: GPL-2.0-or-later

#include "unit/ledger/postgresql_server.hpp"

#include "base/c_handle.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pec {

namespace {

namespace fs = std::filesystem;

// The folder of initdb and postgres, which Debian keeps out of PATH; empty: not installed.
fs::path find_programs() {
  std::vector<fs::path> folders;
  const fs::path versions = "/usr/lib/postgresql";
  if (fs::exists(versions))
    for (const auto& version : fs::directory_iterator(versions))
      folders.push_back(version.path() / "bin");
  const char* path = std::getenv("PATH");
  for (const auto folder : text::split(path != nullptr ? path : "", ':'))
    folders.emplace_back(folder);
  const auto found = std::find_if(folders.begin(), folders.end(), [](const fs::path& folder) {
    return fs::exists(folder / "initdb") && fs::exists(folder / "postgres");
  });
  return found == folders.end() ? fs::path() : *found;
}

std::string content(const fs::path& file) {
  std::ostringstream all;
  all << std::ifstream(file).rdbuf();
  return all.str();
}

void check(bool done, const std::string& what) {
  if (!done) throw std::runtime_error(what + ": " + errno_text(errno));
}

}  // namespace

bool PostgresqlServer::is_installed() {
  return !find_programs().empty();
}

bool PostgresqlServer::is_asked_for() {
  const char* asked = std::getenv("PEC_TEST_DATABASE");
  return asked != nullptr && std::string(asked) == "postgresql";
}

PostgresqlServer& PostgresqlServer::of_this_program() {
  static PostgresqlServer server;
  return server;
}

PostgresqlServer::PostgresqlServer() : programs_(find_programs()), uid_(getuid()), gid_(getgid()) {
  if (uid_ == 0) {  // which PostgreSQL refuses
    const passwd* user = getpwnam("postgres");
    if (user == nullptr) user = getpwnam("nobody");
    check(user != nullptr, "no user postgres or nobody");
    uid_ = user->pw_uid;
    gid_ = user->pw_gid;
    check(chown(folder_.path().c_str(), uid_, gid_) == 0, "chown");
  }
  const pid_t initdb =
      spawn({programs_ / "initdb", "--pgdata=" + folder_.path("data").string(), "--username=pec",
             "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"},
            SIGKILL);
  int status = 0;
  check(waitpid(initdb, &status, 0) == initdb, "waitpid");
  if (status != 0) throw std::runtime_error("initdb failed: " + content(folder_.path("log")));
  start();
}

PostgresqlServer::~PostgresqlServer() {
  ::kill(pid_, SIGQUIT);  // nothing of it is needed any more
  waitpid(pid_, nullptr, 0);
}

std::string PostgresqlServer::connection(const std::string& database,
                                         const std::string& user) const {
  return fmt::format("postgresql://{}@/{}?host={}", user, database, folder_.path().string());
}

void PostgresqlServer::run(const std::string& database, const std::string& sql) const {
  const CHandle<PGconn, PQfinish> session(PQconnectdb(connection(database).c_str()));
  const CHandle<PGresult, PQclear> result(PQexec(session.get(), sql.c_str()));
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(session.get()));
}

void PostgresqlServer::kill() {
  check(::kill(pid_, SIGKILL) == 0 && waitpid(pid_, nullptr, 0) == pid_, "kill postgres");
}

// A server that was killed leaves its sessions' processes behind for a moment, and no new one
// starts before they have ended: then that one ends, and is started again.
void PostgresqlServer::start() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (std::chrono::steady_clock::now() < deadline) {
    pid_ =
        spawn({programs_ / "postgres", "-D", folder_.path("data"), "-c", "listen_addresses=", "-c",
               "unix_socket_directories=" + folder_.path().string(), "-c", "max_connections=60",
               "-c", "shared_buffers=16MB", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"},
              SIGQUIT);
    if (becomes_ready()) return;
  }
  throw std::runtime_error("postgres does not start: " + content(folder_.path("log")));
}

bool PostgresqlServer::becomes_ready() const {
  const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  check(bool(process), "pidfd_open");
  while (PQping(connection("postgres").c_str()) != PQPING_OK) {
    pollfd ended{process.get(), POLLIN, 0};
    if (poll(&ended, 1, 10) == 1) {
      waitpid(pid_, nullptr, 0);
      return false;
    }
  }
  return true;
}

pid_t PostgresqlServer::spawn(const std::vector<std::string>& command, int signal_if_we_die) const {
  std::vector<char*> arguments;
  for (const auto& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  const std::string log = folder_.path("log");
  const bool other_user = getuid() != uid_;
  const pid_t parent = getpid();
  const pid_t child = fork();
  check(child >= 0, "fork");
  if (child > 0) return child;
  // Changing the user clears the signal, so that comes first.
  if (other_user && (setgroups(0, nullptr) != 0 || setgid(gid_) != 0 || setuid(uid_) != 0))
    _exit(126);
  if (prctl(PR_SET_PDEATHSIG, signal_if_we_die) != 0 || getppid() != parent) _exit(126);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir("/") != 0) _exit(126);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace pec

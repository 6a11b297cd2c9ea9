// SPDX-License-Identifier: GPL-2.0-or-later

// A PostgreSQL server of the program's own, for tests and benchmarks: a fresh cluster in a
// temporary folder, on a unix socket there and nowhere else, run by an unprivileged user where the
// program runs as root. It syncs as a real one does.
//
//     PostgresqlServer& server = PostgresqlServer::of_this_program();
//     server.run("postgres", "CREATE DATABASE one");
//     SqlLedger::open(server.connection("one"));
//
// It ends with the program in any case. Throws std::runtime_error with the server's log.
#pragma once

#include "support/temporary_folder.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pec {

class PostgresqlServer {
public:
  static bool is_installed();
  static bool is_asked_for();  // by the environment: PEC_TEST_DATABASE=postgresql
  static PostgresqlServer& of_this_program();

  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  // `user`: a role of the server; "pec" is its superuser. Anybody who can reach the socket may log
  // in.
  std::string connection(const std::string& database, const std::string& user = "pec") const;
  const std::filesystem::path& folder() const { return folder_.path(); }
  void run(const std::string& database, const std::string& sql) const;

  void kill();   // as by the kernel, at once
  void start();  // again; returns when it takes connections

private:
  PostgresqlServer();
  pid_t spawn(const std::vector<std::string>& command, int signal_if_we_die) const;
  bool becomes_ready() const;  // false: it has ended instead

  std::filesystem::path programs_;
  test::TemporaryFolder folder_;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  pid_t pid_ = 0;
};

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// Starts the private server before the first test that needs it, or says why it can't.
#include "unit/ledger/postgresql_server.hpp"

#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

namespace {

class ServerForTheRun : public Catch::TestEventListenerBase {
public:
  using TestEventListenerBase::TestEventListenerBase;
  void testRunStarting(const Catch::TestRunInfo&) override {
    if (!pec::PostgresqlServer::is_asked_for()) return;
    if (!pec::PostgresqlServer::is_installed()) {
      std::fputs("PostgreSQL is not installed: these tests were not run\n", stderr);
      std::_Exit(77);
    }
    pec::PostgresqlServer::of_this_program();
  }
};
CATCH_REGISTER_LISTENER(ServerForTheRun)

}  // namespace

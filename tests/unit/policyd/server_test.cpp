// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/server.hpp"

#include "service/daemon_answers.hpp"
#include "support/fixed_answers.hpp"
#include "support/temporary_folder.hpp"
#include "unit/policyd/support.hpp"
#include "unit/policyd/test_client.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <optional>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <vector>

using namespace pec;
using namespace pec::policyd;
using namespace pec::test;
using Catch::Contains;

namespace {

const std::string request =
    "request=smtpd_access_policy\nprotocol_state=DATA\npolicy_context=submission\n"
    "sasl_username=anna@pec.alfa.example\nsender=anna@pec.alfa.example\nrecipient_count=1\n\n";
const std::string passes = "action=DUNNO\n\n";

class Client : public TestClient {
public:
  using TestClient::TestClient;

  bool is_answered() const {
    write(request);
    return read(passes.size()) == passes;
  }
};

std::string socket_in(const TemporaryFolder& folder) {
  return folder.path("policy.sock");
}

// A server in threads of its own.
class Running : public PolicyWorld {
public:
  explicit Running(ServerOptions options = {}) {
    if (options.listen.empty()) options.listen = {"inet:127.0.0.1:0"};
    server.emplace(policy, options);
    thread = std::jthread([this] { server->run(); });
  }
  ~Running() { server->stop(); }

  std::uint16_t port() const { return server->ports().front(); }
  Client client() const { return Client(port()); }

  std::optional<Server> server;
  std::jthread thread;
};

}  // namespace

TEST_CASE("questions are answered one after the other on each connection") {
  const Running running;
  const auto client = running.client(), other = running.client();
  for (int i = 0; i < 3; ++i) {
    CHECK(client.is_answered());
    CHECK(other.is_answered());
  }
  client.write(request + request);  // before the first answer has come
  CHECK(client.read(2 * passes.size()) == passes + passes);
  for (const char c : request) client.write({&c, 1});
  CHECK(client.read(passes.size()) == passes);
}

TEST_CASE("a unix socket is open to its user and group alone, and takes the place of a dead one") {
  const TemporaryFolder folder;
  for (const bool again : {false, true}) {
    INFO("again: " << again);  // the first server leaves its socket behind
    const Running running({.listen = {"unix:" + socket_in(folder), "inet:127.0.0.1:0"}});
    struct stat status {};
    REQUIRE(stat(socket_in(folder).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0660);
    CHECK(Client(socket_in(folder)).is_answered());
    CHECK(running.client().is_answered());
  }
}

TEST_CASE("an address that is taken is not taken over") {
  const TemporaryFolder folder;
  const Running running({.listen = {"unix:" + socket_in(folder), "inet:127.0.0.1:0"}});
  const auto refusal = [&](const std::string& address) -> std::string {
    try {
      const Server second(running.policy, {.listen = {address}});
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  CHECK_THAT(refusal("unix:" + socket_in(folder)), Contains("Address already in use"));
  CHECK_THAT(refusal("inet:127.0.0.1:" + std::to_string(running.port())),
             Contains("Address already in use") && Contains("correct policy.listen"));
  CHECK_THAT(refusal("unix:/nowhere/policy.sock"), Contains("No such file or directory"));
  CHECK(Client(socket_in(folder)).is_answered());
}

TEST_CASE("other input than a request ends its connection, and no other") {
  const Running running;
  const auto good = running.client();
  REQUIRE(good.is_answered());
  for (const std::string& wrong :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n\n\n"), std::string("\n\n"),
        "request=smtpd_access_policy\nsender=" + std::string(longest_request, 'x'),
        std::string(10'000'000, 'x'), std::string("a=\0b\n\n", 6)}) {
    const auto client = running.client();
    client.write(wrong);
    CHECK(client.is_closed());
    CHECK(good.is_answered());
  }
  wait_until([&] { return running.server->connections() == 1; });
}

TEST_CASE(
    "a client that says nothing, or half of a request, is not waited for longer than the limit") {
  const Running running({.idle_limit = std::chrono::milliseconds(200)});
  const auto silent = running.client(), half = running.client();
  half.write(request.substr(0, request.size() / 2));
  CHECK(silent.is_closed());
  CHECK(half.is_closed());
  wait_until([&] { return running.server->connections() == 0; });
  CHECK(running.client().is_answered());
}

TEST_CASE("thousands of connections don't keep others out: the idle ones go") {
  const Running running({.most_connections = 100});
  std::vector<Client> idle;
  for (int i = 0; i < 2000; ++i) {
    idle.push_back(running.client());
    if (i % 2 == 0) idle.back().write("request=");
    if (i % 100 == 99) idle.erase(idle.begin(), idle.begin() + 50);  // our own descriptors
    if (i % 500 == 499) CHECK(running.client().is_answered());
  }
  wait_until([&] { return running.server->connections() <= 100; });
  CHECK(running.client().is_answered());
}

TEST_CASE("one that asks now and then is not the one that goes") {
  const Running running({.most_connections = 10});
  const auto busy = running.client();
  std::vector<Client> idle;
  for (int i = 0; i < 50; ++i) {
    REQUIRE(busy.is_answered());
    idle.push_back(running.client());
    // A connection may not be accepted yet. Many of them would otherwise all come between two
    // questions.
    REQUIRE(idle.back().is_answered());
  }
  CHECK(busy.is_answered());
}

TEST_CASE("many clients ask at once") {
  const Running running;
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 32; ++i)
      threads.emplace_back([&] {
        const auto client = running.client();
        for (int n = 0; n < 50; ++n)
          if (client.is_answered()) ++answered;
      });
  }
  CHECK(answered == 32 * 50);
}

TEST_CASE("a server that answers tells so itself, at each kind of address") {
  const TemporaryFolder folder;
  const auto local = "unix:" + socket_in(folder);
  Running running({.listen = {local, "inet:127.0.0.1:0"}});
  const auto inet = "inet:127.0.0.1:" + std::to_string(running.server->ports().front());
  for (const auto& address : {local, inet})
    CHECK(service::ask_policy_server(address, {std::chrono::seconds(20)}));
  CHECK(running.mailboxes.asked == 2);  // so the ledger was asked
  running.mailboxes.down = true;        // which a new start would not change
  CHECK(service::ask_policy_server(local, {std::chrono::seconds(20)}));
}

TEST_CASE("a server that listens and does not answer is found out") {
  const TemporaryFolder folder;
  const auto address = "unix:" + socket_in(folder);
  const auto error = [&] {
    const auto result = service::ask_policy_server(address, {std::chrono::milliseconds(50)});
    REQUIRE_FALSE(result);
    return result.error().detail;
  };
  SECTION("all its threads hang") {
    std::promise<void> let_them_go;
    const auto gone_on = let_them_go.get_future().share();
    Running running({.listen = {address}});
    running.mailboxes.before_answering = [&] { gone_on.wait(); };
    for (int i = 0; i < 3; ++i) CHECK_THAT(error(), Contains(socket_in(folder)));
    let_them_go.set_value();
    CHECK(service::ask_policy_server(address, {std::chrono::seconds(20)}));
  }
  SECTION("it says something else") {
    const FixedAnswers other("HTTP/1.1 200 OK\r\n\r\n");
    const auto result =
        service::ask_policy_server("unix:" + other.path(), {std::chrono::seconds(20)});
    REQUIRE_FALSE(result);
    CHECK_THAT(result.error().detail, Contains("no answer to a question, but \"HTTP/1.\""));
  }
}

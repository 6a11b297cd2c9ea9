// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/login_server.hpp"

#include "unit/policyd/support.hpp"
#include "unit/policyd/test_client.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

using namespace pec;
using namespace pec::policyd;
using Catch::Contains;

namespace {

const std::string secret = "0123456789abcdef";

class Client : public TestClient {
public:
  using TestClient::TestClient;

  // "200 {"status":0}"; empty: the connection was closed.
  std::string ask(const std::string& command, const std::string& body,
                  const std::string& presented = secret) const {
    write("POST /?command=" + command + " HTTP/1.1\r\nHost: x\r\nX-PEC-Secret: " + presented +
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const auto octet = read(1);
      if (octet.empty()) return "";
      head += octet;
    }
    const std::string field = "Content-Length: ";
    const auto length = head.find(field);
    if (length == std::string::npos) return "";
    return head.substr(std::string("HTTP/1.1 ").size(), 4) +
           read(std::stoul(head.substr(length + field.size())));
  }
};

std::string question(const std::string& address = "192.0.2.1") {
  return R"({"login":"anna@pec.alfa.example","remote":")" + address + R"("})";
}
const std::string failed =
    R"({"login":"anna@pec.alfa.example","remote":"192.0.2.1","success":false})";
const std::string yes = R"(200 {"status":0})";

class Running : public LoginWorld {
public:
  explicit Running(LoginServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    options.secret = secret;
    server.emplace(policy, alarms, options);
    thread = std::jthread([this] { server->run(); });
  }
  ~Running() { stop(); }
  void stop() {
    server->stop();
    if (thread.joinable()) thread.join();
  }
  Client client() const { return Client(server->port()); }

  std::optional<LoginServer> server;
  std::jthread thread;
};

}  // namespace

TEST_CASE("questions about logins are answered one after the other on each connection") {
  Running running;
  const auto client = running.client(), other = running.client();
  for (int i = 0; i < 3; ++i) {
    CHECK(client.ask("allow", question()) == yes);
    CHECK(other.ask("report", failed) == yes);
  }
  wait_until([&] { return running.logins.failures() == 3; });
}

TEST_CASE("a client without the secret, or with another question, is refused and not heard") {
  Running running;
  CHECK(running.client().ask("report", failed, "0123456789abcdee") == "403 {}");
  CHECK(running.client().ask("report", failed, "") == "403 {}");
  CHECK(running.client().ask("forget", failed) == "400 {}");
  CHECK(running.client().ask("report", "[]") == "400 {}");
  CHECK(running.client().ask("report", std::string(longest_login_request + 1, 'x')).empty());
  const auto refused = running.client();
  refused.ask("allow", question(), "wrong");
  CHECK(refused.is_closed());
  running.stop();
  CHECK(running.logins.failures() == 0);
}

TEST_CASE("a login without a name is not an error: anybody may try one") {
  Running running;
  for (int i = 0; i < 2; ++i)
    for (const auto command : {"allow", "report"})
      CHECK(running.client().ask(command, R"({"login":"","remote":"192.0.2.1"})") == yes);
  CHECK(running.alarms.gathered(service::Alarms::When::now).empty());
}

TEST_CASE("while a commit waits for the disk, questions are answered, and reports share the next") {
  std::atomic<int> noting = 0;
  std::counting_semaphore<> disk{0};
  Running running({.report_threads = 8});
  const std::shared_ptr<void> frees_all(nullptr, [&](void*) { disk.release(100); });
  running.logins.before_noting = [&] {
    ++noting;
    disk.acquire();
  };
  const auto client = running.client();
  for (int i = 0; i < 20; ++i) REQUIRE(client.ask("report", failed) == yes);
  wait_until([&] { return noting == 8; });
  CHECK(client.ask("allow", question()) == yes);
  CHECK(running.logins.failures() == 0);
  disk.release(20);
  running.stop();  // waits for all of them
  CHECK(running.logins.failures() == 20);
}

TEST_CASE("reports that are too many are not lost silently") {
  std::counting_semaphore<> disk{0};
  Running running({.report_threads = 1, .most_reports = 2});
  const std::shared_ptr<void> frees_all(nullptr, [&](void*) { disk.release(100); });
  running.logins.before_noting = [&] { disk.acquire(); };
  const auto client = running.client();
  for (int i = 0; i < 5; ++i) REQUIRE(client.ask("report", failed) == yes);
  CHECK_THAT(running.policy.unjudged().value_or(""), Contains("too slow"));
  CHECK_THAT(running.alarms.gathered(service::Alarms::When::now).at(0), Contains("2 more of"));
  disk.release(5);
  running.stop();
  CHECK(running.logins.failures() == 2);
}

TEST_CASE("silent connections don't keep Dovecot out: those without the secret go first") {
  Running running({.most_connections = 10});
  const auto dovecot = running.client();
  CHECK(dovecot.ask("allow", question()) == yes);
  std::vector<Client> idle;
  for (int i = 0; i < 200; ++i) {
    idle.push_back(running.client());
    if (i % 2 == 0) idle.back().write("POST /?comm");
    if (i % 50 == 49) CHECK(running.client().ask("allow", question()) == yes);
  }
  wait_until([&] { return running.server->connections() <= 10; });
  CHECK(dovecot.ask("allow", question()) == yes);
}

TEST_CASE("of those with the secret, the one that has been idle the longest goes") {
  Running running({.most_connections = 3});
  const auto first = running.client(), second = running.client(), third = running.client();
  for (const auto* each : {&first, &second, &third, &first})
    REQUIRE(each->ask("allow", question()) == yes);
  const auto fourth = running.client();
  CHECK(fourth.ask("allow", question()) == yes);
  CHECK(second.is_closed());
  for (const auto* each : {&first, &third, &fourth}) CHECK(each->ask("allow", question()) == yes);
}

TEST_CASE("a silent connection is not waited for longer than the limit") {
  Running running({.idle_limit = std::chrono::milliseconds(200)});
  const auto silent = running.client(), half = running.client();
  half.write("POST /?command=allow HTTP/1.1\r\n");
  CHECK(silent.is_closed());
  CHECK(half.is_closed());
  wait_until([&] { return running.server->connections() == 0; });
}

TEST_CASE("an address for logins that is taken is not taken over") {
  Running running;
  const auto address = "127.0.0.1:" + std::to_string(running.server->port());
  CHECK_THROWS_WITH(LoginServer(running.policy, running.alarms, {.listen = address}),
                    Contains("Address already in use") && Contains("policy.logins_listen"));
}

TEST_CASE("a failure within a question is one answer, and the next is answered") {
  Running running;
  running.logins.before_noting = [] { throw std::runtime_error("no memory"); };
  const auto client = running.client();
  CHECK(client.ask("report", failed) == yes);
  running.stop();
  CHECK_THAT(running.policy.unjudged().value_or(""), Contains("no memory"));
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/own_socket.hpp"

#include "support/fixed_answers.hpp"
#include "support/free_port.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <vector>

using namespace pec;
using namespace pec::service;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("a question to one's own socket has the beginning of the answer") {
  const FixedAnswers server("action=DUNNO\n\n");
  CHECK(ask({.path = server.path()}, "question", 7, {20s}) == "action=");
  CHECK(server.asked() == "question");
}

TEST_CASE("no answer, or too short a one, is an error that names the socket") {
  const auto error_of = [](const OwnSocket& socket) {
    const auto answer = ask(socket, "question", 7, {50ms});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().fault == Fault::unavailable);
    return answer.error().detail;
  };
  SECTION("it hangs") {
    const FixedAnswers hanging(std::nullopt);
    CHECK_THAT(error_of({.path = hanging.path()}),
               Contains(hanging.path()) && Contains("timed out"));
  }
  SECTION("it hangs, and many others wait for it") {
    const FixedAnswers hanging(std::nullopt);
    std::vector<FileDescriptor> others;
    for (bool there_is_room = true; there_is_room;) {
      others.emplace_back(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      there_is_room = hanging.connect(others.back().get());
    }
    CHECK_THAT(error_of({.path = hanging.path()}), Contains("timed out"));
  }
  SECTION("it hangs up") {
    const FixedAnswers server("act");
    CHECK_THAT(error_of({.path = server.path()}), Contains(server.path() + ": "));
  }
  SECTION("nobody listens") {
    const auto port = std::to_string(free_port());
    CHECK_THAT(error_of({.path = "/nowhere/socket"}), Contains("/nowhere/socket: No such file"));
    CHECK_THAT(error_of({.host = "127.0.0.1", .port = port}),
               Contains("127.0.0.1:" + port + ": Connection refused"));
  }
  SECTION("a path that is too long for a socket") {
    CHECK_THAT(error_of({.path = "/" + std::string(200, 'x')}), Contains("too long"));
  }
}

TEST_CASE("a question can be stopped") {
  const FixedAnswers hanging(std::nullopt);
  std::stop_source stop;
  std::future<Result<std::string>> answer = std::async(std::launch::async, [&] {
    return ask({.path = hanging.path()}, "question", 7, {10min, stop.get_token()});
  });
  stop.request_stop();
  CHECK_FALSE(answer.get());
}

// SPDX-License-Identifier: GPL-2.0-or-later

// ClamdClient against a fake clamd with arbitrary answers.
#include "antivirus/clamd_client.hpp"
#include "support/clamd_process.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <ctime>
#include <functional>
#include <poll.h>
#include <random>
#include <thread>

using namespace pec;
using namespace pec::antivirus;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;
using Outcome = ScanResult::Outcome;
using Failure = ScanResult::Failure;

namespace {

// Serves one connection after the other until it is destroyed.
class FakeClamd {
public:
  using Serve = std::function<void(int fd)>;

  explicit FakeClamd(Serve serve) {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const auto address = unix_address(socket());
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 64) != 0)
      throw std::runtime_error("can't listen on " + socket());
    thread_ = std::thread([this, serve = std::move(serve)] {
      for (int fd; (fd = accept(listener_, nullptr, nullptr)) >= 0; close(fd)) serve(fd);
    });
  }
  ~FakeClamd() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string socket() const { return (folder_.path() / "clamd.ctl").string(); }

private:
  const TemporaryFolder folder_;
  int listener_ = -1;
  std::thread thread_;
};

// Reads a command and, if it is INSTREAM, all its chunks; false if the client went before.
class Reader {
public:
  explicit Reader(int fd) : fd_(fd) {}

  std::string command() {
    std::string made;
    while (made.find('\0') == std::string::npos) {
      const auto piece = bytes(1);
      if (piece.empty()) return {};
      made += piece;
    }
    made.pop_back();
    return made;
  }
  std::string stream() {
    std::string made;
    for (;;) {
      const auto head = bytes(4);
      if (head.size() < 4) return made;
      std::uint32_t size = 0;
      for (const char c : head) size = size << 8 | static_cast<unsigned char>(c);
      if (size == 0) return made;
      made += bytes(size);
    }
  }

private:
  std::string bytes(std::size_t count) {
    std::string made(count, '\0');
    const auto got = recv(fd_, made.data(), count, MSG_WAITALL);
    made.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return made;
  }

  int fd_;
};

void say(int fd, std::string_view text) {
  send(fd, text.data(), text.size(), MSG_NOSIGNAL);
}

FakeClamd::Serve always(std::string answer) {
  return [answer = std::move(answer)](int fd) {
    Reader reader(fd);
    if (reader.command() == "zINSTREAM") reader.stream();
    say(fd, answer);
  };
}

// Until the client goes, or for ever.
void wait_for_end(int fd) {
  pollfd watched{fd, POLLRDHUP, 0};
  poll(&watched, 1, 60'000);
}

ScanResult scan(const std::string& socket, std::string message = "Subject: x\r\n\r\nCiao\r\n") {
  ClamdOptions options{socket};
  options.max_scan_time = 2s;
  return ClamdClient(options).scan(mime::Rope(std::move(message)));
}

using namespace std::string_literals;

}  // namespace

TEST_CASE("clamd is sent the whole message, in whatever slices it comes") {
  std::string received, command;
  ScanResult result;
  mime::Rope rope("Subject: x\r\n\r\n");
  rope.append(std::string(3'000'000, 'x'));
  rope.append("end");
  {
    const FakeClamd clamd([&](int fd) {
      Reader reader(fd);
      command = reader.command();
      received = reader.stream();
      say(fd, "stream: OK\0"s);
    });
    result = ClamdClient({clamd.socket()}).scan(rope);
  }
  CHECK(result.outcome == Outcome::clean);
  CHECK(command == "zINSTREAM");
  CHECK(received.starts_with("Received: "));
  CHECK(received.ends_with("\r\n" + rope.str()));
  CHECK(received.size() < rope.size() + 2048);
}

TEST_CASE("each answer of clamd means one thing") {
  struct Row {
    std::string answer;
    Outcome outcome;
    Failure failure;
    std::string virus;
  };
  const Row rows[] = {
      {"stream: OK\0"s, Outcome::clean, Failure::none, ""},
      {"stream: Win.Test-1 FOUND\0"s, Outcome::infected, Failure::none, "Win.Test-1"},
      {"stream: A FOUND FOUND\0"s, Outcome::infected, Failure::none, "A FOUND"},
      {"stream: A\nB FOUND\0"s, Outcome::infected, Failure::none, "A?B"},
      {"stream: Heuristics.Limits.Exceeded.MaxScanTime FOUND\0"s, Outcome::failed, Failure::timeout,
       ""},
      {"stream: Heuristics.Limits.Exceeded.MaxFiles FOUND\0"s, Outcome::failed, Failure::error, ""},
      {"INSTREAM size limit exceeded. ERROR\0"s, Outcome::failed, Failure::error, ""},
      {"stream: Time limit reached ERROR\0"s, Outcome::failed, Failure::timeout, ""},
      {"stream: Can't create temporary directory ERROR\0"s, Outcome::failed, Failure::error, ""},
      {"UNKNOWN COMMAND\0"s, Outcome::failed, Failure::error, ""},
      {"stream:  FOUND\0"s, Outcome::failed, Failure::error, ""},
      {"stream: FOUND\0"s, Outcome::failed, Failure::error, ""},
      {" stream: OK\0"s, Outcome::failed, Failure::error, ""},
      {"stream: OK \0"s, Outcome::failed, Failure::error, ""},
      {"OK\0"s, Outcome::failed, Failure::error, ""},
      {"\0"s, Outcome::failed, Failure::error, ""},
      {"", Outcome::failed, Failure::no_engine, ""},
      {"stream: OK", Outcome::failed, Failure::no_engine, ""},  // cut off: no end
      {"stream: OK\n", Outcome::failed, Failure::no_engine, ""},
      {std::string(100'000, 'x'), Outcome::failed, Failure::error, ""},
  };
  for (const Row& row : rows) {
    const FakeClamd clamd(always(row.answer));
    const auto result = scan(clamd.socket());
    INFO(row.answer.substr(0, 100) << " -> " << result.reason);
    CHECK(result.outcome == row.outcome);
    CHECK(result.failure == row.failure);
    CHECK(result.virus == row.virus);
    CHECK(result.reason.empty() == (row.outcome != Outcome::failed));
    CHECK(result.reason.size() < 400);
  }
}

TEST_CASE("a clamd that wants no more of the message is listened to") {
  const FakeClamd clamd([](int fd) {
    Reader(fd).command();
    say(fd, "INSTREAM size limit exceeded. ERROR\0"s);
  });
  const auto result = scan(clamd.socket(), std::string(20'000'000, 'x'));
  CHECK(result.failure == Failure::error);
  CHECK_THAT(result.reason, Contains("size limit exceeded"));
}

TEST_CASE("a clamd that hangs keeps no message longer than allowed") {
  const std::pair<const char*, FakeClamd::Serve> kinds[] = {
      {"reads nothing", wait_for_end},
      {"answers nothing",
       [](int fd) {
         Reader reader(fd);
         reader.command();
         reader.stream();
         wait_for_end(fd);
       }},
      {"answers a letter now and then",
       [](int fd) {
         Reader reader(fd);
         reader.command();
         reader.stream();
         pollfd watched{fd, POLLRDHUP, 0};
         while (poll(&watched, 1, 20) == 0) say(fd, "x");
       }},
  };
  for (const auto& [name, serve] : kinds) {
    INFO(name);
    const FakeClamd clamd(serve);
    ClamdOptions options{clamd.socket()};
    options.max_scan_time = 200ms;
    const auto begin = std::chrono::steady_clock::now();
    const auto result = ClamdClient(options).scan(mime::Rope(std::string(5'000'000, 'x')));
    CHECK(std::chrono::steady_clock::now() - begin < 60s);
    CHECK(result.outcome == Outcome::failed);
    CHECK(result.failure == Failure::timeout);
  }
}

TEST_CASE("only clamd's own words make a message clean, whatever else answers") {
  std::mt19937 random(20261122), sizes(1);  // one for each thread
  const std::string words[] = {"stream: ", "OK", " FOUND", " ERROR", "\0"s, "\n", "x", "\xff"};
  std::atomic<bool> clean_said = false;
  const FakeClamd clamd([&](int fd) {
    Reader reader(fd);
    const auto how = random() % 4;
    if (how > 0) reader.command();
    if (how > 1) reader.stream();
    std::string answer;
    for (auto count = random() % 6; count > 0; --count) answer += words[random() % 8];
    if (random() % 8 == 0) answer = "stream: OK\0"s;
    clean_said = answer.substr(0, answer.find('\0')) == "stream: OK" &&
                 answer.find('\0') != std::string::npos;
    say(fd, answer);
  });
  int clean = 0, failed = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto result = scan(clamd.socket(), std::string(sizes() % 300'000, 'x'));
    if (result.outcome == Outcome::clean) {
      ++clean;
      REQUIRE(clean_said);
    }
    if (result.outcome == Outcome::failed) {
      ++failed;
      REQUIRE(result.failure != Failure::none);
      REQUIRE(result.failure != Failure::timeout);
    }
  }
  CHECK(clean > 100);
  CHECK(failed > 1000);
}

TEST_CASE("clamd with an old database calls nothing clean") {
  const auto dated = [](std::chrono::hours age) {
    const std::time_t then = std::time(nullptr) - std::chrono::seconds(age).count();
    std::tm fields{};
    localtime_r(&then, &fields);
    char text[64] = {};
    strftime(text, sizeof text, "ClamAV 1.4.6/27824/%a %b %e %H:%M:%S %Y", &fields);
    return std::string(text);
  };
  const auto with_version = [](std::string version, std::string verdict) {
    return FakeClamd([=](int fd) {
      Reader reader(fd);
      if (reader.command() == "zVERSION") return say(fd, version + '\0');
      reader.stream();
      say(fd, verdict + '\0');
    });
  };
  const auto scan_within = [](const FakeClamd& clamd, std::chrono::hours age) {
    return ClamdClient({clamd.socket(), age}).scan(mime::Rope("x"));
  };
  const auto clamd = with_version(dated(50h), "stream: OK");
  CHECK(scan_within(clamd, 0h).outcome == Outcome::clean);
  CHECK(scan_within(clamd, 52h).outcome == Outcome::clean);
  const auto old = scan_within(clamd, 48h);
  CHECK(old.outcome == Outcome::failed);
  CHECK(old.failure == Failure::old_database);
  CHECK_THAT(old.reason, Contains("48 hours") && Contains("27824"));

  const auto found = with_version(dated(50h), "stream: Test FOUND");
  CHECK(scan_within(found, 48h).outcome == Outcome::infected);
  for (const char* version : {"ClamAV 1.4.6", "ClamAV 1.4.6/27824/", "ClamAV 1.4.6/1/yesterday"})
    CHECK(scan_within(with_version(version, "stream: OK"), 48h).failure == Failure::old_database);
}

// SPDX-License-Identifier: GPL-2.0-or-later

// pec-scanner's server with pec-milter's client on the other side, and with bad clients.
#include "scanner/server.hpp"

#include "antivirus/scanner_client.hpp"
#include "antivirus/scanner_protocol.hpp"
#include "mime/body_spool.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace pec;
using namespace pec::scanner;
using namespace pec::test;
using namespace std::chrono_literals;
using antivirus::ScannerClient;
using Outcome = ScanResult::Outcome;
using Failure = ScanResult::Failure;

namespace {

// Finds a virus in messages with "virus", and fails as the test wants.
class WordScanner final : public Scanner {
public:
  ScanResult scan(const mime::Rope& message) const override {
    const auto text = message.str();
    if (text.find("throw") != std::string::npos) throw std::runtime_error("it threw");
    if (text.find("virus") != std::string::npos)
      return {Outcome::infected, Failure::none, "Size." + std::to_string(text.size()), ""};
    if (text.find("late") != std::string::npos)
      return {Outcome::failed, Failure::timeout, "", "it took too long"};
    return {Outcome::clean, Failure::none, "", ""};
  }
  std::string state() const override { return "one word"; }
};

struct RunningServer {
  RunningServer() : thread([this] { server.run(); }) {}
  ~RunningServer() { server.stop(); }

  ScannerClient client() const {
    return ScannerClient({.socket = path, .temp_dir = folder.path(), .max_scan_time = 20s});
  }
  ScanResult scan(std::string text) const { return client().scan(mime::Rope(std::move(text))); }

  const TemporaryFolder folder;
  const std::string path = (folder.path() / "socket").string();
  const FileDescriptor listening = listen_on(path, 20ms);
  const WordScanner scanner;
  Beats beats;
  Server server{listening.get(), scanner, {.threads = 4, .client_patience = 100ms}, beats};
  std::jthread thread;
};

FileDescriptor connect_to(const RunningServer& world) {
  FileDescriptor made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const auto address = antivirus::socket_address(world.path).value();
  REQUIRE(connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return made;
}

std::string answer_to(const RunningServer& world, std::string_view request,
                      std::vector<int> files) {
  const auto connection = connect_to(world);
  REQUIRE(antivirus::send_packet(connection.get(), request, files));
  const auto answer = value_of(
      antivirus::receive_packet(connection.get(), 0, std::chrono::steady_clock::now() + 20s));
  return answer.text;
}

std::size_t open_files() {
  std::size_t count = 0;
  for (int fd = 0; fd < 256; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) ++count;
  return count;
}

}  // namespace

TEST_CASE("the scanner's verdict on a message reaches the client") {
  const RunningServer world;
  CHECK(world.scan("Ciao").outcome == Outcome::clean);
  CHECK(world.scan("").outcome == Outcome::clean);
  const auto found = world.scan("a virus");
  CHECK(found.outcome == Outcome::infected);
  CHECK(found.virus == "Size.7");
  const auto late = world.scan("late");
  CHECK(late.failure == Failure::timeout);
  CHECK(late.reason == "it took too long");
  CHECK(world.client().state() == "one word");
  const auto threw = world.scan("throw");
  CHECK(threw.outcome == Outcome::failed);
  CHECK(threw.reason == "it threw");
}

TEST_CASE("header and body come from two files and are one message", "[rule:2]") {
  const RunningServer world;
  mime::BodySpool spool(world.folder.path());
  REQUIRE(spool.append(std::string(3'000'000, 'x') + "vi"));
  REQUIRE(spool.append("rus"));
  const auto body = spool.finish().value();
  mime::Rope message("Subject: Prova\r\n\r\n");
  message.append(body.sub(1'000'001));  // no page begins there
  CHECK(world.client().scan(message).virus == "Size.2000022");
}

TEST_CASE("the socket is open to user and group alone") {
  const RunningServer world;
  struct stat info {};
  REQUIRE(stat(world.path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0660);
}

TEST_CASE("an unknown request is refused, and nothing stays open") {
  const RunningServer world;
  const FileDescriptor file(
      open(world.folder.path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  REQUIRE(write_all(file.get(), "ten octets") == 0);
  const FileDescriptor folder(open(world.folder.path().c_str(), O_RDONLY | O_CLOEXEC));
  int pipe_ends[2];
  REQUIRE(pipe2(pipe_ends, O_CLOEXEC) == 0);
  const FileDescriptor reads(pipe_ends[0]), writes(pipe_ends[1]);
  const int fd = file.get();
  const auto before = open_files();
  for (const auto& [request, files] : std::vector<std::pair<std::string, std::vector<int>>>{
           {"hello", {}},
           {"scan 0+5", {}},
           {"scan", {fd}},
           {"scan 0+5", {fd, fd}},
           {"scan 0+5 0+5", {fd}},
           {"scan 0+5 0+5 0+5", {fd, fd, fd}},
           {"scan 0+11", {fd}},
           {"scan 9+2", {fd}},
           {"scan 4611686018427387904+5", {fd}},
           {"scan 0+5", {reads.get()}},
           {"scan 0+5", {folder.get()}},
       }) {
    INFO(request << " with " << files.size());
    CHECK(answer_to(world, request, files).starts_with("failed error "));
  }
  CHECK(answer_to(world, "scan 0+5 5+5", {fd, fd}) == "clean");
  // The last connections may not be closed yet.
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (open_files() > before && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(open_files() == before);
}

TEST_CASE("clients that are silent or gone hold up nobody for long") {
  const RunningServer world;
  std::vector<FileDescriptor> silent;
  for (int i = 0; i < 12; ++i) silent.push_back(connect_to(world));
  CHECK(world.scan("a virus").outcome == Outcome::infected);
  for (int i = 0; i < 12; ++i) {
    const auto gone = connect_to(world);
    static_cast<void>(antivirus::send_packet(gone.get(), "state"));
  }
  CHECK(world.scan("a virus").outcome == Outcome::infected);
}

TEST_CASE("more come at once than there are threads, and each gets its own answer") {
  const RunningServer world;
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 16; ++i)
      clients.emplace_back([&, i] {
        for (int round = 0; round < 20; ++round)
          if (world.scan("virus" + std::string(static_cast<std::size_t>(i), '.')).virus !=
              "Size." + std::to_string(5 + i))
            ++wrong;
      });
  }
  CHECK(wrong == 0);
}

TEST_CASE("threads that wait give signs of life") {
  const RunningServer world;
  for (int i = 0; i < 4; ++i) {
    const auto& beat = world.beats.threads[static_cast<std::size_t>(i)];
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (beat < 3 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(beat >= 3);
  }
  CHECK(world.beats.threads[4] == 0);
}

TEST_CASE("if it can't listen it says what to correct") {
  for (const std::string path : {"/nowhere/socket", "/proc/socket"})
    CHECK_THROWS_WITH(listen_on(path), Catch::Contains(path) && Catch::Contains("scanner_socket"));
  CHECK_THROWS_WITH(listen_on(std::string(200, '/')), Catch::Contains("too long"));
}

// SPDX-License-Identifier: GPL-2.0-or-later

// pec-milter's input to the scanner, and its reaction to a faulty scanner.
#include "antivirus/scanner_client.hpp"

#include "antivirus/packet.hpp"
#include "antivirus/scanner_protocol.hpp"
#include "mime/body_spool.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <exception>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <grp.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pec;
using namespace pec::antivirus;
using namespace pec::test;
using namespace std::chrono_literals;
using Outcome = ScanResult::Outcome;
using Failure = ScanResult::Failure;

namespace {

const std::string header = "From: anna@pec.alfa.example\r\nSubject: Prova\r\n\r\n";

// Assertions for the thread that answers; Catch's are for one thread only.
void must(bool holds) {
  if (!holds) throw std::logic_error("what the scanner was handed is not as it must be");
}

// Answers one connection, as the test wants.
class AnsweringScanner {
public:
  using Talk = std::function<void(int connection, Packet packet)>;

  explicit AnsweringScanner(Talk talk) : talk_(std::move(talk)) {
    const auto address = socket_address(path()).value();
    REQUIRE(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(socket_.get(), 5) == 0);
    thread_ = std::jthread([this] {
      const FileDescriptor connection(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      auto packet = receive_packet(connection.get(), 2, std::chrono::steady_clock::now() + 20s);
      try {
        if (packet) talk_(connection.get(), std::move(*packet));
      } catch (...) {
        problem_ = std::current_exception();
      }
    });
  }

  std::string path() const { return (folder_.path() / "socket").string(); }
  ScannerClientOptions options() const {
    return {.socket = path(), .temp_dir = folder_.path(), .max_scan_time = 20s, .patience = 0s};
  }
  // Returns when both sides are done.
  ScanResult scan(const mime::Rope& message) {
    auto result = ScannerClient(options()).scan(message);
    thread_.join();
    if (problem_) std::rethrow_exception(problem_);
    return result;
  }

private:
  const TemporaryFolder folder_;
  const Talk talk_;
  const FileDescriptor socket_{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
  std::exception_ptr problem_;
  std::jthread thread_;
};

mime::Rope message_of(const mime::Bytes& body) {
  mime::Rope message(header);
  message.append(body);
  return message;
}

mime::Bytes spooled(const std::filesystem::path& folder, const std::string& body) {
  mime::BodySpool spool(folder);
  REQUIRE(spool.append(body));
  return spool.finish().value();
}

std::string content_of(const Packet& packet) {
  std::string all;
  const auto pieces = read_scan_request(packet.text).value();
  must(pieces.size() == packet.files.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::string part(pieces[i].size, '\0');
    must(pread(packet.files[i].get(), part.data(), part.size(),
               static_cast<off_t>(pieces[i].offset)) == static_cast<ssize_t>(part.size()));
    all += part;
  }
  return all;
}

// The ways in which the file behind this descriptor could be changed; none: "".
std::string ways_to_change(int fd) {
  std::string ways;
  const auto path = fmt::format("/proc/self/fd/{}", fd);
  const auto change = [&](int each, const char* name) {
    if (write(each, "x", 1) == 1) ways += fmt::format(" write by {}", name);
    if (pwrite(each, "x", 1, 0) == 1) ways += fmt::format(" pwrite by {}", name);
    if (ftruncate(each, 0) == 0) ways += fmt::format(" shrink by {}", name);
    if (ftruncate(each, 1 << 24) == 0) ways += fmt::format(" grow by {}", name);
    if (fallocate(each, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10) == 0)
      ways += fmt::format(" punch by {}", name);
    void* map = mmap(nullptr, 10, PROT_READ | PROT_WRITE, MAP_SHARED, each, 0);
    if (map != MAP_FAILED) ways += fmt::format(" map by {}", name);
    if (fchmod(each, 0666) == 0 && geteuid() != 0) ways += fmt::format(" chmod by {}", name);
  };
  change(fd, "the descriptor");
  for (const int mode : {O_RDWR, O_WRONLY, O_RDWR | O_TRUNC, O_RDWR | O_APPEND}) {
    const FileDescriptor again(open(path.c_str(), mode | O_CLOEXEC));
    if (again) change(again.get(), "/proc");
  }
  if (truncate(path.c_str(), 0) == 0) ways += " truncate by /proc";
  return ways;
}

// The same as another user, like the scanner's.
std::string ways_of_another_user(int fd) {
  if (geteuid() != 0)
    return ways_to_change(fd);  // for a file, a weaker check: the mode is one's own
  int ends[2];
  must(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    std::string ways = "can't become another user";
    if (setgroups(0, nullptr) == 0 && setgid(65534) == 0 && setuid(65534) == 0)
      ways = ways_to_change(fd);
    static_cast<void>(write_all(ends[1], ways));
    _exit(0);
  }
  close(ends[1]);
  std::string ways(1000, '\0');
  const auto size = read(ends[0], ways.data(), ways.size());
  ways.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return ways;
}

void answer(int connection, std::string_view text) {
  must(send_packet(connection, text).has_value());
}

}  // namespace

TEST_CASE("a small message goes in one sealed file that nobody can change", "[rule:2]") {
  const auto message = message_of(mime::Bytes::of("Ciao.\r\n"));
  std::string came, ways;
  AnsweringScanner scanner([&](int connection, const Packet& packet) {
    came = content_of(packet);
    ways =
        ways_of_another_user(packet.files.at(0).get()) + ways_to_change(packet.files.at(0).get());
    answer(connection, "clean");
  });
  CHECK(scanner.scan(message).outcome == Outcome::clean);
  CHECK(came == message.str());
  CHECK(ways.empty());
}

TEST_CASE("a large body goes as the file that it lies in, for reading alone", "[rule:2]") {
  const TemporaryFolder folder;
  const std::string body(3'000'000, 'y');
  const auto bytes = spooled(folder.path(), body);
  REQUIRE(bytes.file);
  const auto message = message_of(bytes.sub(5));  // wherever it begins
  std::string came, ways;
  mode_t mode = 0;
  AnsweringScanner scanner([&](int connection, const Packet& packet) {
    came = content_of(packet);
    ways = ways_of_another_user(packet.files.at(1).get());
    struct stat info {};
    fstat(packet.files.at(1).get(), &info);
    mode = info.st_mode & 0777;
    must((fcntl(packet.files.at(1).get(), F_GETFL) & O_ACCMODE) == O_RDONLY);
    answer(connection, "clean");
  });
  CHECK(scanner.scan(message).outcome == Outcome::clean);
  CHECK(came == header + body.substr(5));
  if (geteuid() == 0) CHECK(ways.empty());
  CHECK((mode & 077) == 0);
  CHECK(bytes.view == body);  // still
}

TEST_CASE("a large message in memory gets a file", "[rule:2]") {
  mime::Rope message(header);
  message.append(std::string(2'000'000, 'z'));
  message.append(mime::Bytes::of("end"));
  std::string came;
  AnsweringScanner scanner([&](int connection, const Packet& packet) {
    must(packet.files.size() == 1);
    came = content_of(packet);
    answer(connection, "clean");
  });
  CHECK(scanner.scan(message).outcome == Outcome::clean);
  CHECK(came == message.str());
}

TEST_CASE("a message of nothing is asked about, too") {
  AnsweringScanner scanner([&](int connection, const Packet& packet) {
    must(packet.text == "scan");
    answer(connection, "infected Odd");
  });
  CHECK(scanner.scan(mime::Rope()).virus == "Odd");
}

TEST_CASE("a scanner that does not answer as it should is never one that found nothing",
          "[rule:2]") {
  const auto message = message_of(mime::Bytes::of("Ciao.\r\n"));
  const auto result_of = [&](AnsweringScanner::Talk talk) {
    return AnsweringScanner(std::move(talk)).scan(message);
  };
  const auto check_error = [](const ScanResult& result, const std::string& reason) {
    CHECK(result.outcome == Outcome::failed);
    CHECK(result.failure == Failure::error);
    CHECK_THAT(result.reason, Catch::Contains(reason));
  };
  check_error(result_of([](int, const Packet&) {}), "closed");
  check_error(result_of([](int connection, const Packet&) { answer(connection, "nothing"); }),
              "not understood");
  check_error(result_of([](int connection, const Packet&) {
                const std::string much = "clean" + std::string(2 * longest_packet, ' ');
                must(send(connection, much.data(), much.size(), 0) > 0);
              }),
              "longer than");
  check_error(result_of([](int connection, const Packet& packet) {
                const int back[] = {packet.files.at(0).get()};
                must(send_packet(connection, "clean", back).has_value());
              }),
              "more than 0 descriptors");
}

TEST_CASE("a scanner that is silent is a timeout") {
  AnsweringScanner scanner([](int connection, const Packet&) {
    char octet = 0;
    must(recv(connection, &octet, 1, 0) == 0);  // until the other side has given up
  });
  auto options = scanner.options();
  options.max_scan_time = 50ms;
  const auto result = ScannerClient(options).scan(message_of(mime::Bytes::of("Ciao.\r\n")));
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.failure == Failure::timeout);
}

TEST_CASE("a scanner that is away is not an engine, and the error says what to do") {
  const TemporaryFolder folder;
  for (const auto& path : {(folder.path() / "nobody").string(), std::string(200, '/')}) {
    const ScannerClient client({.socket = path, .temp_dir = folder.path()});
    const auto result = client.scan(mime::Rope(header));
    CHECK(result.outcome == Outcome::failed);
    CHECK(result.failure == Failure::no_engine);
    CHECK_THAT(result.reason, Catch::Contains(path.substr(0, 20)));
    CHECK(client.state() == result.reason);
  }
}

TEST_CASE("a message that can't be handed over is not scanned") {
  const ScannerClient client({.socket = "/nowhere", .temp_dir = "/nowhere"});
  const auto result = client.scan(mime::Rope(std::string(2'000'000, 'z')));
  CHECK(result.outcome == Outcome::failed);
  CHECK_THAT(result.reason, Catch::Contains("/nowhere"));
}

TEST_CASE("the state is what the scanner says") {
  AnsweringScanner scanner([](int connection, const Packet& packet) {
    must(packet.text == state_request);
    answer(connection, "state 3 signatures");
  });
  CHECK(ScannerClient(scanner.options()).state() == "3 signatures");
}

// SPDX-License-Identifier: GPL-2.0-or-later

// The protocol of pec-milter and pec-scanner, and input that each refuses.
#include "antivirus/scanner_protocol.hpp"

#include "antivirus/clam_mail.hpp"
#include "antivirus/packet.hpp"
#include "support/results.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>

using namespace pec;
using namespace pec::antivirus;
using namespace pec::test;
using namespace std::chrono_literals;
using Outcome = ScanResult::Outcome;
using Failure = ScanResult::Failure;

namespace {

void check_same(const ScanResult& result) {
  const auto again = read_scan_answer(scan_answer(result));
  CHECK(again.outcome == result.outcome);
  CHECK(again.failure == result.failure);
  CHECK(again.virus == result.virus);
  CHECK(again.reason == result.reason);
}

struct Pair {
  Pair() {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    ours = FileDescriptor(ends[0]);
    theirs = FileDescriptor(ends[1]);
  }
  FileDescriptor ours, theirs;
};

Deadline soon() {
  return std::chrono::steady_clock::now() + 5s;
}

std::size_t open_files() {
  std::size_t count = 0;
  for (int fd = 0; fd < 256; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) ++count;
  return count;
}

}  // namespace

TEST_CASE("an answer reads as it was meant") {
  check_same(found_clean());
  check_same({Outcome::infected, Failure::none, "Test.Eicar.UNOFFICIAL", ""});
  check_same({Outcome::infected, Failure::none, "two words", ""});
  for (const auto failure :
       {Failure::no_engine, Failure::old_database, Failure::error, Failure::timeout})
    check_same({Outcome::failed, failure, "", "/var/lib/clamav: no virus database there"});
  CHECK(read_state_answer(state_answer("3 signatures")).value() == "3 signatures");
}

TEST_CASE("an answer is bounded, printable and on one line, whatever was found") {
  const auto name = read_scan_answer(scan_answer(
      {Outcome::infected, Failure::none, "A\r\nX-Evil: \xff" + std::string(5000, 'x'), ""}));
  CHECK(name.outcome == Outcome::infected);
  CHECK(name.virus.size() == longest_name);
  CHECK(name.virus.starts_with("A??X-Evil: ?xxx"));
  CHECK(read_scan_answer(scan_answer({Outcome::infected, Failure::none, "", ""})).virus ==
        "unnamed");
  const auto reason =
      scan_answer({Outcome::failed, Failure::error, "", "a\nb" + std::string(5000, 'x')});
  CHECK(reason.size() <= longest_packet);
  CHECK(read_scan_answer(reason).reason.starts_with("a?bxx"));
  CHECK(state_answer(std::string(5000, 'x')).size() <= longest_packet);
}

TEST_CASE("an unknown answer is a failure and never clean") {
  const std::string answers[] = {
      "",
      "clean ",
      "clean\n",
      "Clean",
      "cleaner",
      "infected",
      "infected ",
      "infected A\nB",
      "infected A\xc3\xa8",
      "infected " + std::string(longest_name + 1, 'x'),
      "failed",
      "failed ",
      "failed none because",
      "failed error",
      "failed error ",
      "failed error   ",
      "failed error because ",
      "failed error a\nb",
      "failed timeout " + std::string(longest_reason + 1, 'x'),
      "state 3 signatures",
      std::string("clean\0", 6),
      std::string("\0", 1),
  };
  for (const auto& answer : answers) {
    INFO(answer);
    const auto result = read_scan_answer(answer);
    CHECK(result.outcome == Outcome::failed);
    CHECK(result.failure == Failure::error);
    CHECK(result.reason.size() < 200);
    CHECK(result.reason.find('\n') == std::string::npos);
  }
  CHECK_FALSE(read_state_answer("clean"));
  CHECK_FALSE(read_state_answer("state "));
  CHECK_FALSE(read_state_answer("state a\nb"));
}

TEST_CASE("a request names its ranges") {
  const std::vector<Piece> pieces{{0, 2345}, {4096, 50'000'000}};
  CHECK(scan_request(pieces) == "scan 0+2345 4096+50000000");
  CHECK(read_scan_request(scan_request(pieces)).value() == pieces);
  CHECK(read_scan_request("scan").value().empty());
}

TEST_CASE("an unknown request is refused") {
  for (const auto* request :
       {"", " ", "scan ", "scan 1", "scan 1+", "scan +1", "scan 0+0", "scan -1+5", "scan 0x1+5",
        "scan 0+1 ", "scan 0+1 0+1 0+1", "Scan 0+1", "scan 0+1\n", "scan 18446744073709551616+1",
        "scan 1+18446744073709551615", "scan 9223372036854775807+1", "scan 9223372036854775808+1"})
    CHECK_FALSE(read_scan_request(request));
}

TEST_CASE("a packet comes whole, with its descriptors") {
  const Pair pair;
  const int files[] = {0, 1};
  REQUIRE(send_packet(pair.ours.get(), "scan 0+1 0+1", files));
  const auto packet = value_of(receive_packet(pair.theirs.get(), 2, soon()));
  CHECK(packet.text == "scan 0+1 0+1");
  REQUIRE(packet.files.size() == 2);
  for (const auto& file : packet.files) CHECK((fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a packet that is too long or holds too much is refused, and nothing stays open") {
  const Pair pair;
  const auto before = open_files();
  const std::string longer(longest_packet + 1, 'x');
  CHECK_FALSE(send_packet(pair.ours.get(), longer));
  CHECK_FALSE(send_packet(pair.ours.get(), ""));
  REQUIRE(send(pair.ours.get(), longer.data(), longer.size(), 0) > 0);
  CHECK_THAT(receive_packet(pair.theirs.get(), 2, soon()).error().detail,
             Catch::Contains("longer"));
  const int three[] = {0, 0, 0};
  REQUIRE(send_packet(pair.ours.get(), "scan 0+1", three));
  CHECK_THAT(receive_packet(pair.theirs.get(), 2, soon()).error().detail,
             Catch::Contains("more than 2"));
  // More descriptors than there is room for.
  std::vector<int> many(200, 0);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(200 * sizeof(int))> control{};
  iovec content{const_cast<char*>("clean"), 5};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  auto* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(200 * sizeof(int));
  std::memcpy(CMSG_DATA(rights), many.data(), many.size() * sizeof(int));
  REQUIRE(sendmsg(pair.ours.get(), &message, 0) > 0);
  CHECK_THAT(receive_packet(pair.theirs.get(), 0, soon()).error().detail,
             Catch::Contains("more than 0"));
  CHECK(open_files() == before);
}

TEST_CASE("a silent or closed connection gives no packet") {
  Pair pair;
  const auto passed = std::chrono::steady_clock::now();
  CHECK_THAT(receive_packet(pair.ours.get(), 0, passed).error().detail, Catch::Contains("in time"));
  pair.theirs = {};
  CHECK_THAT(receive_packet(pair.ours.get(), 0, soon()).error().detail, Catch::Contains("closed"));
  CHECK_FALSE(send_packet(pair.ours.get(), "clean"));
}

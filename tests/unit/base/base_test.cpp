// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/c_handle.hpp"
#include "base/file.hpp"
#include "base/guarded.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/utc.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <unistd.h>

using namespace pec;

TEST_CASE("PEC ids are alphanumerics and dots, and never repeat", "[rule:2.2.1]") {
  RandomIdSource ids;
  const Instant now{std::chrono::seconds{1795324282}};  // 2026-11-22 05:11:22 UTC
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(ids.next(now));
  REQUIRE(seen.size() == 1000);
  for (const auto& id : seen) {
    CHECK(id.starts_with("20261122051122."));
    CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.") == std::string::npos);
  }
}

TEST_CASE("an instant is written in UTC, with all its digits") {
  const Instant at{std::chrono::seconds{1'767'330'123}};
  CHECK(utc_day(at) == "2026-01-02");
  CHECK(utc_time(at) == "2026-01-02T05:02:03Z");
  CHECK(utc_compact(at) == "20260102050203");
  CHECK(instant_of_utc("2026-01-02T05:02:03Z") == at);
  for (const auto* other : {"", "2026-01-02", "2026-01-02T05:02:03", "2026-01-02T05:02:03Z.",
                            "2026-02-30T05:02:03Z", "2026-01-02T5:02:03Z", " 2026-01-02T05:02:03Z"})
    CHECK_FALSE(instant_of_utc(other));
}

TEST_CASE("base32 follows the vectors of RFC 4648, in lower case and without padding") {
  CHECK(text::base32("") == "");
  CHECK(text::base32("f") == "my");
  CHECK(text::base32("foobar") == "mzxw6ytboi");
}

TEST_CASE("text helpers know ASCII only") {
  CHECK(text::equals_ignoring_case("Subject", "sUBJECT"));
  CHECK_FALSE(text::equals_ignoring_case("\xc3\x88", "\xc3\xa8"));
  CHECK(text::trim(" \t a b\r\n ") == "a b");
  CHECK(text::trim(" \r\n") == "");
  CHECK(text::without_line_end("a \r\n") == "a ");
  CHECK(text::without_line_end("a\n\n") == "a\n");
  CHECK(text::without_line_end("a\r") == "a\r");
  CHECK(text::without_line_end("\r\r\n") == "\r");
  CHECK(text::split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(text::replace_all("a[x]b[x]", "[x]", "[x][x]") == "a[x][x]b[x][x]");
  CHECK(text::escape_html("<a href=\"x\">&") == "&lt;a href=&quot;x&quot;&gt;&amp;");
  CHECK(text::printable("a\r\nb") == "a??b");
  CHECK(text::is_printable("a b\xc3\xa0"));
  CHECK_FALSE(text::is_printable("a\tb"));
  CHECK_FALSE(text::is_printable("a\x7f"));
  CHECK(text::hex(std::string_view("\x00\xff", 2)) == "00ff");
  CHECK(text::equals_in_constant_time("abc", "abc"));
  CHECK_FALSE(text::equals_in_constant_time("abc", "abd"));
  CHECK_FALSE(text::equals_in_constant_time("abc", "ab"));
}

TEST_CASE("a number is all of its digits, or none") {
  CHECK(text::number("0") == 0);
  CHECK(text::number("18446744073709551615") == 18446744073709551615U);
  for (const auto* other : {"", "-1", "+1", " 1", "1 ", "12x", "0x1", "18446744073709551616"})
    CHECK_FALSE(text::number(other));
}

TEST_CASE("a file that can't be read is named, with the cause") {
  const auto missing = read_file("/nonexistent/file");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().fault == Fault::bad_input);
  CHECK(missing.error().detail ==
        "can't read /nonexistent/file: No such file or directory; put it there, or correct the "
        "path");

  const auto directory = read_file("/");
  REQUIRE_FALSE(directory);
  CHECK(directory.error().detail == "can't read /: Is a directory");
}

TEST_CASE("a file is read whole, also when its size is not known beforehand") {
  const auto status = read_file("/proc/self/status");
  REQUIRE(status);
  CHECK(status->find("Name:") != std::string::npos);
}

namespace {
int freed = 0;
void free_counter(int* p) {
  ++freed, delete p;
}
}  // namespace

TEST_CASE("brackets around an id or address are taken off, but only both") {
  CHECK(text::without_brackets("<a@b>") == "a@b");
  CHECK(text::without_brackets("a@b") == "a@b");
  CHECK(text::without_brackets("<>").empty());
  CHECK(text::without_brackets("<a@b") == "<a@b");
  CHECK(text::without_brackets("<") == "<");
  CHECK(text::without_brackets("").empty());
}

TEST_CASE("all is written, however little a call takes; or the cause is told") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const std::string octets(300'000, 'x');  // more than a pipe holds
  std::string got;
  std::thread reader([&] {
    std::array<char, 4096> piece;
    for (ssize_t count = 0; (count = read(ends[0], piece.data(), piece.size())) > 0;)
      got.append(piece.data(), static_cast<std::size_t>(count));
  });
  const int done = write_all(ends[1], octets);
  close(ends[1]);
  reader.join();
  close(ends[0]);
  CHECK(done == 0);
  CHECK(got == octets);

  CHECK(write_all(-1, "x") == EBADF);
  CHECK(write_all(-1, "") == 0);
}

TEST_CASE("a C handle is one pointer wide and frees once") {
  static_assert(sizeof(CHandle<int, free_counter>) == sizeof(int*));
  freed = 0;
  { CHandle<int, free_counter> handle(new int(1)); }
  CHECK(freed == 1);
}

TEST_CASE("a guarded value is reached through its lock") {
  Guarded<int> value(1);
  *value.lock() += 1;
  CHECK(*value.lock() == 2);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/file.hpp"

#include "support/results.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <thread>
#include <unistd.h>

using namespace pec;
using namespace pec::test;

TEST_CASE("a file that can't be read is named, with the cause") {
  const auto missing = error_of(read_file("/nonexistent/file"));
  CHECK(missing.fault == Fault::bad_input);
  CHECK(missing.detail ==
        "can't read /nonexistent/file: No such file or directory; put it there, or correct the "
        "path");

  CHECK(error_of(read_file("/")).detail == "can't read /: Is a directory");
}

TEST_CASE("a file is read whole, also when its size is not known beforehand") {
  const auto status = value_of(read_file("/proc/self/status"));
  CHECK(status.find("Name:") != std::string::npos);
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

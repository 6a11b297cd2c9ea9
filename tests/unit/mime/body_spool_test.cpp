// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/body_spool.hpp"

#include "support/results.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace pec;
using namespace pec::mime;
using namespace pec::test;

namespace {

std::string pattern(std::size_t size) {
  std::string text;
  text.reserve(size + 20);
  for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + "\r\n";
  text.resize(size);
  return text;
}

// How the kernel maps the memory at this address: the path of the mapped file, empty if anonymous.
std::string mapped_file_of(const void* address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::size_t dash = 0, end = 0;
    const auto first = std::stoull(line, &dash, 16);
    const auto last = std::stoull(line.substr(dash + 1), &end, 16);
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    if (wanted < first || wanted >= last) continue;
    const auto path = line.find('/');
    return path == std::string::npos ? std::string() : line.substr(path);
  }
  return "not mapped";
}

// Files can't grow beyond `octets` while this lives.
class FileSizeLimit {
public:
  explicit FileSizeLimit(rlim_t octets) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old_) == 0);
    const rlimit limit{octets, old_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

private:
  void (*old_handler_)(int);
  rlimit old_{};
};

const auto temp_dir = std::filesystem::temp_directory_path();

}  // namespace

TEST_CASE("a small body stays in memory") {
  BodySpool spool("/nonexistent/directory");
  CHECK(spool.append("Hello"));
  CHECK(spool.append(" world\r\n"));
  const auto body = value_of(spool.finish());
  CHECK(body.view == "Hello world\r\n");
}

TEST_CASE("an empty body is an empty body") {
  const auto body = value_of(BodySpool(temp_dir).finish());
  CHECK(body.view.empty());
}

TEST_CASE("a large body lies in a mapped file without a name") {
  const std::string text = pattern(5 * BodySpool::memory_limit + 17);
  BodySpool spool(temp_dir);
  for (std::size_t at = 0; at < text.size(); at += 65'535)
    REQUIRE(spool.append(std::string_view(text).substr(at, 65'535)));
  auto body = spool.finish();
  REQUIRE(body);
  CHECK(body->view == text);
  const std::string file = mapped_file_of(body->view.data());
  CHECK(file.starts_with(temp_dir.string()));
  CHECK(file.ends_with(" (deleted)"));

  const char* address = body->view.data();
  const Bytes part = body->sub(text.size() - 5);
  body = Bytes{};
  CHECK(part.view == text.substr(text.size() - 5));  // still mapped: part keeps it so
  CHECK(mapped_file_of(address) == file);
}

TEST_CASE("bytes in a file name it, for reading alone and closed to others") {
  BodySpool spool(temp_dir);
  REQUIRE(spool.append("small"));
  CHECK(spool.finish()->file == nullptr);
  const std::string text = pattern(BodySpool::memory_limit + 1);
  REQUIRE(spool.append(text));
  const auto body = value_of(spool.finish());
  const Bytes part = body.sub(1000, 50);
  REQUIRE(part.file);
  std::string read(50, '\0');
  CHECK(pread(part.file->descriptor, read.data(), read.size(),
              part.view.data() - part.file->begin) == 50);
  CHECK(read == text.substr(1000, 50));
  CHECK((fcntl(part.file->descriptor, F_GETFL) & O_ACCMODE) == O_RDONLY);
  CHECK((fcntl(part.file->descriptor, F_GETFD) & FD_CLOEXEC) != 0);
  struct stat info {};
  REQUIRE(fstat(part.file->descriptor, &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a spool is empty after it was finished, and may be used again") {
  BodySpool spool(temp_dir);
  const std::string large = pattern(BodySpool::memory_limit + 1);
  for (const std::string& text : {large, std::string("small"), large}) {
    REQUIRE(spool.append(text));
    const auto body = value_of(spool.finish());
    CHECK(body.view == text);
  }
}

TEST_CASE("exactly one MiB is kept in memory, one octet more is not") {
  BodySpool spool("/nonexistent/directory");
  REQUIRE(spool.append(pattern(BodySpool::memory_limit)));
  const auto more = error_of(spool.append("x"));
  CHECK(more.fault == Fault::unavailable);
  CHECK(more.detail ==
        "can't create a temporary file in /nonexistent/directory: No such file or directory");
}

TEST_CASE("a full disk makes the message wait, and says where and why") {
  BodySpool spool(temp_dir);
  const FileSizeLimit limit(3 * BodySpool::memory_limit);
  const std::string chunk = pattern(BodySpool::memory_limit);
  for (int i = 0; i < 3; ++i) REQUIRE(spool.append(chunk));
  const auto more = error_of(spool.append(chunk));
  CHECK(more.fault == Fault::unavailable);
  CHECK(more.detail == "can't write a temporary file in " + temp_dir.string() + ": File too large");
}

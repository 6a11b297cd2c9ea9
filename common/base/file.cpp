// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace pec {

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

std::string cannot_read(const std::filesystem::path& path, int error) {
  const char* remedy = error == ENOENT   ? "; put it there, or correct the path"
                       : error == EACCES ? "; let the user of this program read it"
                                         : "";
  return fmt::format("can't read {}: {}{}", path.string(), errno_text(error), remedy);
}

Result<std::string> read_file(const std::filesystem::path& path) {
  const auto failed = [&](int error) { return bad_input(cannot_read(path, error)); };
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return failed(errno);
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return failed(errno);
  // One octet more than the file has: so the end is seen without growing, which would copy.
  std::string content(static_cast<std::size_t>(info.st_size) + 1, '\0');
  std::size_t have = 0;
  while (true) {
    if (have == content.size()) content.resize(content.size() + 4096);  // pipes, growing files
    const ssize_t got = read(file.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  content.resize(have);
  return content;
}

int write_all(int fd, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t put = ::write(fd, octets.data(), octets.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    octets.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

}  // namespace pec

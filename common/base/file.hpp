// SPDX-License-Identifier: GPL-2.0-or-later

// Files, read whole. Errors name the file and the cause.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace pec {

// Closes a descriptor when it is destroyed; empty when negative. Can be moved, not copied.
class FileDescriptor {
public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

// "No such file or directory" for an errno value; thread-safe.
std::string errno_text(int error);

// "can't read PATH: CAUSE; REMEDY", for an administrator.
std::string cannot_read(const std::filesystem::path& path, int error);

// The whole file. Error: bad_input, detail as above.
Result<std::string> read_file(const std::filesystem::path& path);

// Writes all of it, in as many calls as needed. Returns 0, or the errno value of a failed call.
int write_all(int fd, std::string_view octets);

}  // namespace pec

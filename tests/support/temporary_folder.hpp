// SPDX-License-Identifier: GPL-2.0-or-later

// A new folder for one test. It removes itself, with all that is in it.
//
//     const TemporaryFolder folder;
//     folder.write("notify", "#!/bin/sh\nexit 0\n", 0700);
//
// Throws std::system_error if a folder or a file can't be made.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

namespace pec::test {

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "pec-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) fail(name);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    chmod(path_.c_str(), 0700);  // whatever the test has made of it
    std::error_code ignored;     // a destructor has nobody to tell
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path path(std::string_view name) const { return path_ / name; }

  // Only its owner can read the file, unless `mode` says otherwise. Returns its path.
  std::filesystem::path write(std::string_view name, std::string_view content,
                              unsigned int mode = 0600) const {
    const auto file = path(name);
    std::ofstream out(file, std::ios::binary);
    out << content;
    out.close();
    if (!out || chmod(file.c_str(), mode) != 0) fail(file);
    return file;
  }

private:
  [[noreturn]] static void fail(const std::string& path) {
    throw std::system_error(errno, std::generic_category(), path);
  }

  std::filesystem::path path_;
};

}  // namespace pec::test

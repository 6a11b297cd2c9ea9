// SPDX-License-Identifier: GPL-2.0-or-later

// Root may write everywhere. A test of permissions becomes an ordinary user for a while:
//
//     const OrdinaryUser user;       // or: user(folder), who owns the folder's files, too
//
// Does nothing if the test is not root. Fails the test if it can't. One at a time.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace pec::test {

class OrdinaryUser {
public:
  OrdinaryUser() { become(); }
  explicit OrdinaryUser(const std::filesystem::path& folder) {
    if (was_ == 0) {
      for (const auto& entry : std::filesystem::directory_iterator(folder)) own(entry.path());
      own(folder);
    }
    become();
  }
  ~OrdinaryUser() {
    if (seteuid(was_) != 0) std::abort();
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

private:
  static constexpr uid_t nobody = 65534;

  static void own(const std::filesystem::path& path) {
    REQUIRE(chown(path.c_str(), nobody, static_cast<gid_t>(-1)) == 0);
  }
  void become() const {
    if (was_ == 0) REQUIRE(seteuid(nobody) == 0);
  }

  const uid_t was_ = geteuid();
};

}  // namespace pec::test

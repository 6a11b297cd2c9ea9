// SPDX-License-Identifier: GPL-2.0-or-later

// A thread that lets a DirectoryKeeper look at its source now and then, and reports the result.
//
//     DirectoryRefresher refresher(*keeper, std::chrono::seconds(300),
//                                  [](bool good, const std::string& text) { ... });
//     refresher.refresh();            // at once, because somebody has asked for it
//
// The constructor makes the first report; each look makes another one, even if it is the same. One
// thread at a time reports. A slow server makes a look slow (directory/ldap_source.hpp), and the
// destructor, too. Any thread.
#pragma once

#include "base/guarded.hpp"
#include "directory/directory_keeper.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace pec::directory {

class DirectoryRefresher {
public:
  using Report = std::function<void(bool good, const std::string& text)>;

  DirectoryRefresher(DirectoryKeeper& keeper, std::chrono::milliseconds every, Report report);

  // Calls DirectoryKeeper::refresh() and reports the state.
  Result<bool> refresh();

private:
  DirectoryKeeper& keeper_;
  Guarded<Report> report_;
  std::jthread thread_;  // last member: it stops before the others go
};

}  // namespace pec::directory

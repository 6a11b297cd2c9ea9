// SPDX-License-Identifier: GPL-2.0-or-later

// Has a DirectoryKeeper look at its source now and then, in a thread of its own, and reports how
// that goes.
//
//     DirectoryRefresher refresher(*keeper, std::chrono::seconds(300),
//                                  [](bool good, const std::string& text) { ... });
//     refresher.refresh();            // at once: somebody has asked for it
//
// The report comes from the constructor first, then after each look, from one thread at a time; that
// it says nothing new is for its receiver to see. A look may last as long as a server is slow
// (directory/ldap_source.hpp), and so may ending. Any thread.
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

  // What DirectoryKeeper::refresh() says, reported.
  Result<bool> refresh();

private:
  DirectoryKeeper& keeper_;
  Guarded<Report> report_;
  std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace pec::directory

// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/directory_refresher.hpp"

#include "base/repeating.hpp"

#include <utility>

namespace pec::directory {

DirectoryRefresher::DirectoryRefresher(DirectoryKeeper& keeper, std::chrono::milliseconds every,
                                       Report report)
    : keeper_(keeper), report_(std::move(report)) {
  const auto state = keeper_.state();
  (*report_.lock())(state.good, state.text);
  thread_ = repeating(every, [this] { refresh(); });
}

Result<bool> DirectoryRefresher::refresh() {
  auto refreshed = keeper_.refresh();
  auto report = report_.lock();
  const auto state = keeper_.state();  // under the lock: states are reported in order
  (*report)(state.good, state.text);
  return refreshed;
}

}  // namespace pec::directory

// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/store_watch.hpp"

#include "base/repeating.hpp"

#include <utility>

namespace pec::milter {

StoreWatch::StoreWatch(const VirusStore& store, StateReport report, std::chrono::milliseconds every)
    : store_(store), report_(std::move(report)) {
  look();
  thread_ = repeating(every, [this] { look(); });
}

void StoreWatch::look() {
  const auto room = store_.has_room();
  if (room) return report_(true, "there is room for what may have to be kept");
  report_(false, room.error().detail + "; infected messages wait");
}

}  // namespace pec::milter

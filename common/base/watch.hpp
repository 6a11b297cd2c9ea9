// SPDX-License-Identifier: GPL-2.0-or-later

// Looks at a part of this node now and then, and reports how it does.
//
//     // the first look is in the constructor
//     Watch directory(std::chrono::minutes(5), look, report);
//     directory.look();  // at once: somebody has asked for it
//
// The other looks are in a thread of its own, until it goes. `report` comes after each look, from
// one thread at a time; that it says nothing new is for its receiver to see
// (service/state_report.hpp). A look may last as long as a server is slow, and so may ending; it
// must not throw. Any thread.
#pragma once

#include "base/guarded.hpp"
#include "base/repeating.hpp"
#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

namespace pec {

// How a part of this node does, for the administrator.
struct PartState {
  bool good = false;
  std::string text;  // one line
};

class Watch {
public:
  struct Seen {
    PartState state;
    Result<bool> renewed = false;  // true: what was seen is new, and in use now
  };
  using Report = std::function<void(const PartState&)>;

  Watch(std::chrono::milliseconds every, std::function<Seen()> look, Report report)
      : look_(std::move(look)), report_(std::move(report)) {
    this->look();
    thread_ = repeating(every, [this] { this->look(); });
  }

  Result<bool> look() {
    auto report = report_.lock();  // before the look: no older state is told after a newer one
    auto seen = look_();
    (*report)(seen.state);
    return std::move(seen.renewed);
  }

private:
  const std::function<Seen()> look_;
  Guarded<Report> report_;
  std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace pec

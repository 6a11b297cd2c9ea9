// SPDX-License-Identifier: GPL-2.0-or-later

// Looks at a part of this node now and then, and reports its state.
//
//     // the first look is in the constructor
//     Watch directory(std::chrono::minutes(5), look, report);
//     directory.look();  // at once: somebody has asked for it
//
// The other looks run in a thread of its own, until the Watch ends. `report` is called after each
// look, from one thread at a time. It must see for itself whether the state is new
// (service/state_report.hpp). A look may last as long as a server is slow, and so may the
// destructor. A look must not throw. Any thread.
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

// The state of a part of this node, for the administrator.
struct PartState {
  bool good = false;
  std::string text;  // one line
};

class Watch {
public:
  struct Seen {
    PartState state;
    Result<bool> renewed = false;  // true: the look found something new, in use now
  };
  using Report = std::function<void(const PartState&)>;

  Watch(std::chrono::milliseconds every, std::function<Seen()> look, Report report)
      : look_(std::move(look)), report_(std::move(report)) {
    this->look();
    thread_ = repeating(every, [this] { this->look(); });
  }

  Result<bool> look() {
    auto report = report_.lock();  // before the look: no older state follows a newer one
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

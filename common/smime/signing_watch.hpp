// SPDX-License-Identifier: GPL-2.0-or-later

// Looks from time to time how long our signing certificates last, and reports it: from `alarm`
// before their end on, and when signing has stopped (trust.stop_signing_hours).
//
//     const SigningWatch watch({signer.get()}, clock, alarm, std::chrono::minutes(1),
//                              [](bool good, const std::string& text) { ... });
//
// The constructor makes the first report. Its own thread makes the others, until it is destroyed.
// The receiver must ignore reports that say nothing new. The signers must outlive it.
#pragma once

#include "base/clock.hpp"
#include "smime/cms_signer.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace pec::smime {

class SigningWatch {
public:
  using Report = std::function<void(bool good, const std::string& text)>;

  SigningWatch(std::vector<const CmsSigner*> signers, const Clock& clock, std::chrono::days alarm,
               std::chrono::milliseconds every, Report report);

private:
  void look() const;

  const std::vector<const CmsSigner*> signers_;
  const Clock& clock_;
  const std::chrono::days alarm_;
  const Report report_;  // the thread's own once it runs
  std::jthread thread_;  // last: stops before the other members go
};

}  // namespace pec::smime

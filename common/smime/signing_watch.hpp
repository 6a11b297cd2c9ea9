// SPDX-License-Identifier: GPL-2.0-or-later

// Looks now and then how long the certificates last that we sign with, and reports it: from `alarm` before
// their end on, and when signing has stopped (trust.stop_signing_hours).
//
//     const SigningWatch watch({signer.get()}, clock, std::chrono::days(30), std::chrono::minutes(1),
//                              [](bool good, const std::string& text) { ... });
//
// The first report comes from the constructor, the others from a thread of its own, until it goes; that
// it says nothing new is for its receiver to see. The signers must outlive it.
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
  std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace pec::smime

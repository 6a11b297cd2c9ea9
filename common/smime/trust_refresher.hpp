// SPDX-License-Identifier: GPL-2.0-or-later

// Has a CmsVerifier read its files anew now and then, in a thread of its own, and reports whether
// what they say is up to date.
//
//     TrustRefresher refresher(*verifier, clock, std::chrono::minutes(1),
//                              [](bool good, const std::string& text) { ... });
//     refresher.refresh();            // at once: somebody has asked for it
//
// So a CRL that was fetched counts within a minute, and one that nobody fetches alarms operators while
// it is still used (smime/revocation.hpp). Without any, the report is bad for good (rules, 4). The
// report comes from the constructor first, then after each look, from one thread at a time; that it says
// nothing new is for its receiver to see. Any thread.
#pragma once

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "smime/cms_verifier.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace pec::smime {

class TrustRefresher {
public:
  using Report = std::function<void(bool good, const std::string& text)>;

  TrustRefresher(CmsVerifier& verifier, const Clock& clock, std::chrono::milliseconds every,
                 Report report);

  // What CmsVerifier::reload() says, reported.
  Result<bool> refresh();

private:
  CmsVerifier& verifier_;
  const Clock& clock_;
  Guarded<Report> report_;
  std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace pec::smime

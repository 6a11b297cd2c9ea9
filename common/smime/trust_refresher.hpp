// SPDX-License-Identifier: GPL-2.0-or-later

// Lets a CmsVerifier read its files again from time to time, in its own thread, and reports whether
// their content is up to date.
//
//     TrustRefresher refresher(*verifier, clock, std::chrono::minutes(1),
//                              [](bool good, const std::string& text) { ... });
//     refresher.refresh();            // at once: somebody has asked for it
//
// So a fetched CRL counts within a minute. A CRL that nobody fetches alerts operators while it is
// still in use (smime/revocation.hpp). Without a file of CRLs the report is always bad (rules, 4).
// The first report comes from the constructor, then one after each look, from one thread at a time.
// The receiver must ignore reports that say nothing new. Any thread.
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

  // Reports and returns the result of CmsVerifier::reload().
  Result<bool> refresh();

private:
  CmsVerifier& verifier_;
  const Clock& clock_;
  Guarded<Report> report_;
  std::jthread thread_;  // last: stops before the other members go
};

}  // namespace pec::smime

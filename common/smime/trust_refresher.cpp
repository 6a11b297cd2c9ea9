// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/trust_refresher.hpp"

#include "base/repeating.hpp"

#include <utility>

namespace pec::smime {

TrustRefresher::TrustRefresher(CmsVerifier& verifier, const Clock& clock,
                               std::chrono::milliseconds every, Report report)
    : verifier_(verifier), clock_(clock), report_(std::move(report)) {
  refresh();
  thread_ = repeating(every, [this] { refresh(); });
}

Result<bool> TrustRefresher::refresh() {
  auto report = report_.lock();  // before the look: reports come in the order of the looks
  auto reloaded = verifier_.reload();
  auto state =
      verifier_.revocation_state(clock_.now())
          .value_or(RevocationState{
              false,
              "no list of revoked certificates is named (trust.crl_file), so a message that is "
              "signed with a revoked one is believed: this is for trials alone; name a file there, "
              "and let \"pecctl crl update\" fill it"});
  if (!reloaded) state = {false, reloaded.error().detail + "; still in use: " + state.text};
  (*report)(state.good, state.text);
  return reloaded;
}

}  // namespace pec::smime

// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/signing_watch.hpp"

#include "base/repeating.hpp"
#include "base/text.hpp"

#include <utility>

namespace pec::smime {

SigningWatch::SigningWatch(std::vector<const CmsSigner*> signers, const Clock& clock,
                           std::chrono::days alarm, std::chrono::milliseconds every, Report report)
    : signers_(std::move(signers)), clock_(clock), alarm_(alarm), report_(std::move(report)) {
  look();
  thread_ = repeating(every, [this] { look(); });
}

void SigningWatch::look() const {
  const auto now = clock_.now();
  std::vector<std::string> good, bad;
  for (const auto* signer : signers_) {
    auto state = signer->state(now, alarm_);
    (state.good ? good : bad).push_back(std::move(state.text));
  }
  report_(bad.empty(), text::join(bad.empty() ? good : bad, "; "));
}

}  // namespace pec::smime

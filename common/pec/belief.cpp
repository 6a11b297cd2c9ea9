// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/belief.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/classification.hpp"
#include "pec/dispatch.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

std::optional<Doubt> doubt_about(const CertificationData& data, const KnownOfMessage& log) {
  if (!log.envelope) return std::nullopt;
  const auto& all = log.envelope->recipients;
  const auto told = step_reported_by(data.kind);
  for (const auto& recipient : recipients_concerned(data)) {
    if (std::none_of(all.begin(), all.end(), [&](const Recipient& each) {
          return mime::same_address(each.address, recipient);
        }))
      return Doubt{IncomingFlaw::never_addressed,
                   fmt::format("the message was not for {}", text::printable(recipient))};
    const auto end = log.ends.find(mime::canonical_address(recipient));
    if (end != log.ends.end() && told && contradict(*told, end->second))
      return Doubt{IncomingFlaw::other_end, fmt::format("the dispatch for {} has ended otherwise",
                                                        text::printable(recipient))};
  }
  return std::nullopt;
}

}  // namespace pec

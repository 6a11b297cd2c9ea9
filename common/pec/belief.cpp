#include "pec/belief.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/incoming_point.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

namespace {

using Step = DispatchStep::Step;

// A virus that another provider has found is a failure. A take-charge ends nothing.
std::optional<Step> end_in(EventKind kind) {
  if (kind == EventKind::delivery) return Step::delivered;
  if (kind == EventKind::non_delivery || kind == EventKind::virus_detection) return Step::failed;
  return std::nullopt;
}

// A 24-hour notice only says that nothing was heard.
bool contradict(std::optional<Step> one, Step other) {
  return one && *one != other && other != Step::timed_out;
}

}  // namespace

bool is_about_our_dispatch(EventKind kind) {
  return kind == EventKind::take_charge || end_in(kind);
}

std::optional<Doubt> doubt_about(const CertificationData& data, const KnownOfMessage& log) {
  if (!log.envelope) return std::nullopt;
  const auto& all = log.envelope->recipients;
  for (const auto& recipient : recipients_told_of(data)) {
    if (std::none_of(all.begin(), all.end(), [&](const Recipient& each) {
          return mime::same_address(each.address, recipient);
        }))
      return Doubt{IncomingFlaw::never_addressed,
                   fmt::format("the message was not for {}", text::printable(recipient))};
    const auto end = log.ends.find(mime::canonical_address(recipient));
    if (end != log.ends.end() && contradict(end_in(data.kind), end->second))
      return Doubt{IncomingFlaw::other_end, fmt::format("the dispatch for {} has ended otherwise",
                                                        text::printable(recipient))};
  }
  return std::nullopt;
}

}  // namespace pec

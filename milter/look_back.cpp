#include "look_back.hpp"

#include "pec/message_identity.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

// To whom this message of a provider was brought before, in an anomaly envelope, or as the envelope that
// it was before somebody changed its header.
Result<std::vector<std::string>> anomaly_known_to(const Classification& found,
                                                  const std::string& anomaly_id,
                                                  const Delivery& delivery, Instant now,
                                                  const Services& services) {
  std::vector<std::string> known;
  const auto look_up = [&](const std::string& pec_id, EventKind kind) -> Result<void> {
    const auto logged = services.ledger->logged_messages(pec_id, kind);
    if (!logged) return tl::unexpected(logged.error());
    const auto seen = seen_before(delivery.recipients, found.identity, *logged, now);
    for (const auto* list : {&seen.known_to, &seen.long_known_to})
      known.insert(known.end(), list->begin(), list->end());
    return {};
  };
  if (auto done = look_up(anomaly_id, EventKind::anomaly_envelope); !done)
    return tl::unexpected(done.error());
  if (!found.envelope_id.empty())
    if (auto done = look_up(found.envelope_id, EventKind::transport_envelope); !done)
      return tl::unexpected(done.error());
  return known;
}

}  // namespace

Result<LookBack> look_back(const Classification& found, const Delivery& delivery, Instant now,
                           const Identity& us, const Services& services) {
  LookBack back;
  if (found.what == IncomingClass::correct) {
    const auto& message = *found.message;
    const auto logged = services.ledger->logged_messages(message.data.pec_id, message.kind);
    if (!logged) return tl::unexpected(logged.error());
    const bool envelope = message.kind == EventKind::transport_envelope;
    back.seen = seen_before(envelope ? delivery.recipients : recipients_told_of(message.data),
                            found.identity, *logged, now);
  }
  if (found.what != IncomingClass::malformed && back.seen.other_for.empty()) {
    back.anomaly_id = services.ids->next(now);
    return back;
  }
  back.anomaly_id = anomaly_name(found.identity, *services.host_group);
  auto known = anomaly_known_to(found, fmt::format("{}@{}", back.anomaly_id, us.domain), delivery,
                                now, services);
  if (!known) return tl::unexpected(known.error());
  back.anomaly_known_to = std::move(*known);
  return back;
}

}  // namespace pec::milter

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/copy_binding.hpp"

#include "pec/anomaly.hpp"
#include "pec/delivery_status.hpp"
#include "pec/pec_message.hpp"

#include <fmt/format.h>

namespace pec {

namespace {

// Twice the lifetime of a message in the queue (main.cf, maximal_queue_lifetime).
constexpr std::chrono::hours old_binding_lasts{48};

}  // namespace

// No Message-ID holds a line end, so no other binding can equal this one.
std::string binding_of_bounce(std::string_view notification_id, std::string_view pec_id) {
  return fmt::format("{}\n{}", notification_id, pec_id);
}

std::string binding_of(InternalEvent event, const mime::Message& message) {
  if (event == InternalEvent::anomaly_kept) return identity_in_anomaly(message);
  const auto id = bare_message_id(message.header);
  if (event != InternalEvent::non_delivery) return id;
  const auto status = read_delivery_status(message);
  return binding_of_bounce(id, status ? bare_message_id(status->returned) : std::string());
}

Result<InternalRecipient> parse_internal_of(const mime::Message& copy, std::string_view address,
                                            Instant now, const Authenticator& host_group,
                                            const Authenticator& delivery_point) {
  const auto event = internal_event_in(address).value_or(InternalEvent{});
  auto internal = parse_internal(address, binding_of(event, copy), host_group, delivery_point);
  if (internal || event != InternalEvent::non_delivery) return internal;
  auto old = parse_internal(address, bare_message_id(copy.header), host_group, delivery_point);
  return old && now - old->at <= old_binding_lasts ? old : internal;
}

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/lost_receipt.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/frame.hpp"
#include "pec/pec_message.hpp"
#include "pec/stamp.hpp"
#include "pec/texts.hpp"

#include <fmt/format.h>

namespace pec {

namespace {

bool is_receipt(const mime::HeaderList& header) {
  const auto kind = claimed_kind(header);
  return kind && *kind != EventKind::transport_envelope && *kind != EventKind::anomaly_envelope;
}

// Both notices of a timeout have one name on the wire. The code tells which one it is.
EventKind kind_of(const CertificationData& data) {
  const bool early = data.kind == EventKind::timeout_notice &&
                     data.error_detail.starts_with(code_of(DeliveryFailure::early));
  return early ? EventKind::early_notice : data.kind;
}

std::string whom_it_is_about(const CertificationData& data) {
  auto about = recipients_concerned(data).front();
  return mime::canonical_address(about.empty() ? data.sender : about);
}

// The mail server writes the reverse path above what comes back.
mime::Bytes as_it_was_sent(const mime::Bytes& returned) {
  constexpr std::string_view added = "Return-Path:";
  if (!returned.view.starts_with(added)) return returned;
  const auto end = returned.view.find("\r\n");
  if (end == std::string_view::npos) return returned;
  return returned.sub(end + 2, returned.view.size() - end - 2);
}

std::string why(const DeliveryStatus& status) {
  if (status.failed.empty()) return "could not be handed over";
  const auto& failed = status.failed.front();
  return fmt::format("could not be handed over to {}: {} {}", text::printable(failed.recipient),
                     text::printable(failed.status), text::printable(failed.diagnostic));
}

}  // namespace

std::optional<Incident> lost_receipt(const DeliveryStatus& status, Instant now) {
  if (!is_receipt(status.returned)) return std::nullopt;
  Incident incident;
  incident.at = incident.event_at = now;
  incident.detail = why(status);
  if (status.message) {
    const auto sent = as_it_was_sent(*status.message);
    const auto message = mime::split_message(sent);
    const auto parts = read_frame(message);
    if (const auto data = parts ? read_data(message, *parts) : tl::unexpected(parts.error())) {
      incident.what = fmt::format("{}{}", lost_prefix, log_name(kind_of(*data)));
      incident.pec_id = data->pec_id;
      incident.recipient = whom_it_is_about(*data);
      incident.event_at = instant_of(data->date, data->time, data->zone).value_or(now);
      incident.copy = sent.view;
      return incident;
    }
  }
  incident.what = fmt::format("{}{}", lost_prefix, log_name(*claimed_kind(status.returned)));
  incident.pec_id = bare_message_id(status.returned);
  incident.recipient = status.failed.empty() ? "" : status.failed.front().recipient;
  return incident;
}

}  // namespace pec

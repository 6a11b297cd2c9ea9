// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/pec_fields.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace pec {

std::optional<EventKind> claimed_kind(const mime::HeaderList& header) {
  if (header.find_all(envelope_field).size() + header.find_all(receipt_field).size() != 1)
    return std::nullopt;
  const auto transport = header.unfolded(envelope_field);
  const auto receipt = header.unfolded(receipt_field);
  const auto kind = event_kind_from_wire(text::lower(transport.empty() ? receipt : transport));
  if (!kind) return std::nullopt;
  const bool envelope =
      *kind == EventKind::transport_envelope || *kind == EventKind::anomaly_envelope;
  if (envelope != !transport.empty()) return std::nullopt;
  return kind;
}

bool says_anomaly(const mime::HeaderList& header) {
  const auto fields = header.find_all(envelope_field);
  return std::any_of(fields.begin(), fields.end(), [](const mime::HeaderField* field) {
    return text::equals_ignoring_case(field->unfolded(), wire_name(EventKind::anomaly_envelope));
  });
}

ReceiptForm requested_form(const mime::HeaderList& header) {
  return receipt_form_from_wire(header.unfolded(receipt_form_field))
      .value_or(ReceiptForm::complete);
}

std::string bare_message_id(const mime::HeaderList& header) {
  const auto id = header.unfolded("Message-ID");
  return std::string(text::without_brackets(id));
}

}  // namespace pec

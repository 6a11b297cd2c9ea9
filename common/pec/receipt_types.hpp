// SPDX-License-Identifier: GPL-2.0-or-later

// What becomes of each internal event: one table with a row for each (RFC 6109, 3.1.4 to 3.3.3; the rules,
// sections 3 to 6). A new receipt is a new row.
//
//     const auto& type = type_of(InternalEvent::delivery);
//     type.kind;     // EventKind::delivery: the receipt that is issued
//     type.source;   // Source::envelope: what its certified data come from
//
// Any thread.
#pragma once

#include "pec/findings.hpp"
#include "pec/internal_recipient.hpp"
#include "pec/ledger_entry.hpp"
#include "pec/texts.hpp"

#include <optional>
#include <string_view>

namespace pec {

struct ReceiptType {
  // What the certified data come from.
  enum class Source {
    envelope,         // the copy of a transport envelope
    virus_detection,  // the copy of another provider's virus detection
    message_log,  // the log's line about the envelope: something did not happen, so there is no copy
    none,         // no receipt is made: the event only has something noted or sent again
  };
  // Who gets the receipt.
  enum class To { sender, service_mailbox };
  // Who asks for it: what is refused in SMTP comes back to whoever that is.
  enum class AskedBy {
    queue,  // a copy of the message, in Postfix's queue: a refusal becomes a bounce, which operators see
    client,  // the delivery point or pecctl, which would only ask for the same again
  };

  InternalEvent event;
  std::string_view wire_name;
  AskedBy asked_by;
  Source source;
  // Of a receipt; the rows with Source::none have none of these.
  EventKind kind{};
  DispatchStep::Step step{};
  To to{};
  std::optional<Letter> letter{};            // none: of a delivery, by the form that was asked for
  std::optional<DeliveryFailure> timeout{};  // of a notice of a timeout
};

const ReceiptType& type_of(InternalEvent event);

// Which event has a notice of this kind made; nothing: no row has it.
std::optional<InternalEvent> event_of_timeout(EventKind kind);

}  // namespace pec

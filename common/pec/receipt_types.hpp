// SPDX-License-Identifier: GPL-2.0-or-later

// The consequences of each internal event: a table with a row for each (RFC 6109, 3.1.4 to 3.3.3;
// the rules, sections 3 to 6). A new receipt is a new row.
//
//     const auto& type = type_of(InternalEvent::delivery);
//     type.kind;     // EventKind::delivery: the receipt that is issued
//     type.source;   // Source::envelope: where its certified data come from
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
  // Where the certified data come from.
  enum class Source {
    envelope,         // the copy of a transport envelope
    virus_detection,  // the copy of another provider's virus detection
    message_log,      // the log's line about the envelope: failures and timeouts have no copy
    none,             // no receipt is made: the event only notes something, or sends it again
  };
  // The one who gets the receipt.
  enum class To { sender, service_mailbox };
  // The one who asks for it, and to whom a refusal in SMTP returns.
  enum class AskedBy {
    queue,   // a copy in Postfix's queue: a refusal becomes a bounce, for operators
    client,  // the delivery point or pecctl, which would only ask again
  };

  InternalEvent event;
  std::string_view wire_name;
  AskedBy asked_by;
  Source source;
  // For receipts only: rows with Source::none have none of these.
  EventKind kind{};
  DispatchStep::Step step{};
  To to{};
  std::optional<Letter> letter{};            // none: of a delivery, by its form
  std::optional<DeliveryFailure> timeout{};  // of a timeout notice
};

const ReceiptType& type_of(InternalEvent event);

// The event that makes a timeout notice of this kind; nothing: it is not a timeout notice.
std::optional<InternalEvent> event_of_timeout(EventKind kind);

}  // namespace pec

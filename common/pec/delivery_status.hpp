// SPDX-License-Identifier: GPL-2.0-or-later

// Delivery status notifications (RFC 3464) of our own mail server: which recipients failed, why,
// and what came back of the message.
//
//     Result<DeliveryStatus> status = read_delivery_status(message);
//     for (const auto& failed : status->failed) ...   // failed.recipient, failed.status
//     claimed_kind(status->returned)                  // the kind of message that failed
//
// Nothing here is evidence, since a notification carries no signature. Believe it only if it must
// come from the mail server itself. Error: bad_input, if the message is not a notification. Pure,
// any thread.
#pragma once

#include "base/result.hpp"
#include "mime/message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pec {

struct FailedRecipient {
  std::string recipient;   // address that the message was for: before aliases, if reported
  std::string status;      // enhanced status code (RFC 3463): "5.1.1"; empty if there is none
  std::string diagnostic;  // the remote host's words, or the mail server's; one line, may be empty

  bool operator==(const FailedRecipient&) const = default;
};

// The internal address that a failure is about; empty if there is none. It is the failed recipient
// itself, or it stands in the delivery point's answer. Such an answer says that the message is in
// the mailbox, but its receipt could not be asked for.
std::string internal_address_of(const FailedRecipient& failed);

struct DeliveryStatus {
  // In order, without mere delays. Each recipient once, and once more for each internal address: an
  // alias may fail for several mailboxes at once, and some of these may have the message.
  std::vector<FailedRecipient> failed;
  mime::HeaderList returned;           // header of the message that failed
  std::optional<mime::Bytes> message;  // the whole message, if all of it came back
};

Result<DeliveryStatus> read_delivery_status(const mime::Message& message);

}  // namespace pec

// SPDX-License-Identifier: GPL-2.0-or-later

// Delivery status notifications (RFC 3464), as our own mail server makes them of what it could not
// deliver: whom it failed for and why, and what came back of the message.
//
//     Result<DeliveryStatus> status = read_delivery_status(message);
//     for (const auto& failed : status->failed) ...   // failed.recipient, failed.status
//     claimed_kind(status->returned)                  // what it was that failed
//
// Nothing here is evidence: a notification carries no signature. Believe it where it can only have
// come from the mail server itself. Error: bad_input, if the message is none. Pure, any thread.
#pragma once

#include "base/result.hpp"
#include "mime/message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pec {

struct FailedRecipient {
  std::string recipient;   // the address that the message was for: before aliases, where told
  std::string status;      // enhanced status code (RFC 3463): "5.1.1"; empty if there is none
  std::string diagnostic;  // the remote host's words, or the mail server's; one line, may be empty

  bool operator==(const FailedRecipient&) const = default;
};

// The internal address that a failure is about; empty if it is about none. It is the failed recipient
// itself; or it stands in the delivery point's answer, which says so that the message is in the
// mailbox and only its receipt could not be asked for.
std::string internal_address_of(const FailedRecipient& failed);

struct DeliveryStatus {
  // In order; delays are none. Each recipient once, and once more for each internal address: an alias fails
  // for several mailboxes at once, and some of them may have the message.
  std::vector<FailedRecipient> failed;
  mime::HeaderList returned;           // header of the message that failed
  std::optional<mime::Bytes> message;  // all of it as it stands in the queue, if it came back whole
};

Result<DeliveryStatus> read_delivery_status(const mime::Message& message);

}  // namespace pec

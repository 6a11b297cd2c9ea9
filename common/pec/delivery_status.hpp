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

struct DeliveryStatus {
  std::vector<FailedRecipient> failed;  // each recipient once, in order; delays are none
  mime::HeaderList returned;            // header of the message that failed
  std::optional<mime::Bytes> message;  // all of it as it stands in the queue, if it came back whole
};

Result<DeliveryStatus> read_delivery_status(const mime::Message& message);

}  // namespace pec
